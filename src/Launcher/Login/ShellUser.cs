using Throughline.Client.Accounts;
using Throughline.Client.Tokens;
using Throughline.Launcher.Ask;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Login;

/// <summary>Who asks from the shell: whoever signed in with <c>throughline login</c>, else the local user of the state.</summary>
internal static class ShellUser
{
    /// <param name="state">Null for another machine's stack, which has no local user.</param>
    public static async Task<SavedLogin> SignInAsync(LoginPlace place, StateDirectory? state, NativeSignIn signIn, CancellationToken cancellationToken)
    {
        if (StoredLogin.Read(place.LoginPath) is not { } stored)
            return state is null
                ? throw new LauncherException(ExitCode.Other, $"Nobody is signed in at {place.Auth}.", $"Sign in with: throughline login --origin {place.Auth}")
                : await LocalUser.SignInAsync(state, place.Auth, signIn, cancellationToken);

        await Console.Error.WriteLineAsync($"Asking as {stored.Email}.");
        var login = new SavedLogin(
            signIn, stored.Tokens, renewed => (stored with { Tokens = renewed }).Save(place.LoginPath), time: null,
            stored: () => StoredLogin.Read(place.LoginPath)?.Tokens);
        // Nobody else's name is taken silently: whoever signed in decides what comes next.
        return await login.GetAsync(cancellationToken) is not null
            ? login
            : throw new LauncherException(
                ExitCode.Other, $"The sign-in of {stored.Email} has ended.",
                "Sign in again with: throughline login (or forget it with: throughline logout).");
    }
}
