using System.Text.Json;
using Microsoft.JSInterop;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Contracts.Accounts;

namespace Throughline.Web.SignIn;

/// <summary>Makes and uses passkeys: the server asks, the browser answers. The one door to <c>js/passkeys.js</c>.</summary>
public sealed class Passkeys(IJSRuntime runtime, BrowserSessionClient session, SignedInUser user, FactorClient factors)
{
    private IJSObjectReference? _module;

    public async Task<bool> AreSupportedAsync() => await (await ModuleAsync()).InvokeAsync<bool>("areSupported");

    /// <exception cref="ProtocolException">The server's refusal, or <c>passkey_not_used</c>.</exception>
    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        var challenge = await session.BeginPasskeySignInAsync(cancellationToken);
        var credential = await AskAsync("use", challenge, cancellationToken);
        await user.SignInWithPasskeyAsync(new PasskeyAnswer(challenge.State, credential), cancellationToken);
    }

    /// <exception cref="ProtocolException">The server's refusal, or <c>passkey_not_used</c>.</exception>
    public async Task AddAsync(string password, string name, CancellationToken cancellationToken)
    {
        var challenge = await factors.BeginPasskeyAsync(new PasswordProof(password), cancellationToken);
        var credential = await AskAsync("make", challenge, cancellationToken);
        await factors.AddPasskeyAsync(new PasskeyAnswer(challenge.State, credential, name), cancellationToken);
    }

    private async Task<JsonElement> AskAsync(string what, PasskeyChallenge challenge, CancellationToken cancellationToken)
    {
        var answer = await (await ModuleAsync()).InvokeAsync<JsonElement>(what, cancellationToken, challenge.Options);
        return answer.TryGetProperty("credential", out var credential) ? credential : throw Refused(answer.GetProperty("error").GetString());
    }

    private static ProtocolException Refused(string? error) => new("passkey_not_used", error switch
    {
        "NotAllowedError" or "AbortError" => "The browser was given no passkey.",
        "InvalidStateError" => "This device has a passkey for the account already.",
        "SecurityError" => "Passkeys do not work at this address.",
        _ => "The browser could not use a passkey.",
    })
    {
        Detail = error switch
        {
            "InvalidStateError" => null,
            "SecurityError" => "Open the server by the name it was set up with, such as http://localhost.",
            _ => "Try again, or sign in with your password.",
        },
    };

    private async Task<IJSObjectReference> ModuleAsync() =>
        _module ??= await runtime.InvokeAsync<IJSObjectReference>("import", "./js/passkeys.js");
}
