using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Launcher.State;
using Throughline.Launcher.Up;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Login;

/// <summary><c>throughline login</c>: signs the shell in with a code that is approved in the browser.</summary>
internal static class LoginCommand
{
    private static readonly Option<string?> Origin = LoginPlace.NewOption();
    private static readonly Option<bool> NoOpen = new("--no-open") { Description = "Do not open the browser." };

    public static Command Create()
    {
        var command = new Command("login", """
            Sign this shell in as yourself: it shows a code, and you approve it in the browser, where you are signed in.
            After that `throughline ask` asks as you, with your files and threads. The sign-in is kept for your user alone, renews
            itself, is listed among your devices in the web app, and ends with `throughline logout`.

            Examples:
              throughline login                                      at the stack that runs on this state
              throughline login --origin https://spend.example.com   at another machine's
            """) { Origin, NoOpen };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var place = LoginPlace.Of(parsed.GetValue(Origin), StateDirectory.At(parsed.GetValue(CommandLine.State)!));
        using var signals = new Signals(isDetached: false);
        try
        {
            using var signIn = new DeviceSignIn(place.Auth, UserAgent());
            var codes = await signIn.BeginAsync(signals.Stop);
            Show(codes);
            if (!parsed.GetValue(NoOpen) && !Console.IsOutputRedirected)
                Browser.Open(codes.CompleteUri.AbsoluteUri);
            await KeepAsync(place, await signIn.WaitAsync(codes, signals.Stop), signals.Stop);
            return ExitCode.Stopped;
        }
        catch (ProtocolException e) when (e.Code == "access_denied")
        {
            throw new LauncherException(ExitCode.Other, "The sign-in was denied in the browser.", "Nothing was saved. To try again: throughline login");
        }
        catch (ProtocolException e) when (e.Code == "expired_token")
        {
            throw new LauncherException(ExitCode.Other, "Nobody approved the code in time.", "For a new one: throughline login");
        }
        catch (ProtocolException e)
        {
            throw new LauncherException(ExitCode.Other, e.Title, e.Detail ?? "Try again.");
        }
        catch (HttpRequestException e)
        {
            throw new LauncherException(ExitCode.Other, $"{place.Auth} does not answer: {e.Message}", "Check the address; a local stack is looked at with: throughline status");
        }
    }

    private static void Show(DeviceCodes codes) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
        Open    {codes.Uri}
        enter   {codes.UserCode}
        or open {codes.CompleteUri}

        Approve it only if the page shows this code. Waiting until {codes.ExpiresAt.ToLocalTime():HH:mm} …
        """));

    private static async Task KeepAsync(LoginPlace place, TokenSet tokens, CancellationToken cancellationToken)
    {
        using var http = ThroughlineHttp.Create(place.Auth);
        var account = await new AccountClient(http, new FixedToken(tokens.AccessToken)).GetAsync(cancellationToken);
        var before = StoredLogin.Read(place.LoginPath);
        new StoredLogin(account.Email, tokens).Save(place.LoginPath);
        if (before is not null)
        {
            // Replaced, so nobody will use it again.
            using var native = new NativeSignIn(place.Auth);
            await native.RevokeAsync(before.Tokens, cancellationToken);
        }

        Console.WriteLine($"Signed in as {account.Email}; kept in {place.LoginPath} for your user alone. Sign out with: throughline logout");
    }

    /// <summary>How the list of devices names this shell.</summary>
    private static string UserAgent()
    {
        var machine = new string([.. Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')]);
        var version = typeof(LoginCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        return $"throughline-cli/{version} (command line on {(machine.Length > 0 ? machine : "a machine without a name")})";
    }
}
