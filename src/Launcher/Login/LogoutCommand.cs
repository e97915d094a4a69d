using System.CommandLine;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Login;

/// <summary><c>throughline logout</c>: ends the session there and forgets it here.</summary>
internal static class LogoutCommand
{
    private static readonly Option<string?> Origin = LoginPlace.NewOption();

    public static Command Create()
    {
        var command = new Command("logout", """
            End what `throughline login` began: the session at the service, then the file here.
            `throughline ask` then asks as the local user of this state again.
            """) { Origin };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var place = LoginPlace.Of(parsed.GetValue(Origin), StateDirectory.At(parsed.GetValue(CommandLine.State)!));
        if (StoredLogin.Read(place.LoginPath) is not { } login)
        {
            Console.WriteLine("Nobody is signed in here.");
            return ExitCode.Stopped;
        }

        try
        {
            using var signIn = new NativeSignIn(place.Auth);
            await signIn.RevokeAsync(login.Tokens, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or ProtocolException)
        {
            throw new LauncherException(
                ExitCode.Other, $"{place.Auth} could not end the session: {e.Message}",
                $"Try again; or delete {place.LoginPath} and sign the device out in the web app.");
        }

        File.Delete(place.LoginPath);
        Console.WriteLine($"Signed out {login.Email}.");
        return ExitCode.Stopped;
    }
}
