using System.Net;
using System.Text.Json.Nodes;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Passkeys;

/// <summary>A user with an authenticator, and what it does.</summary>
internal sealed record PasskeyUser(AuthClient Auth, SignUpResponse User, Tokens Tokens, SoftwareAuthenticator Passkey) : IDisposable
{
    public static async Task<PasskeyUser> NewAsync(AuthClient auth)
    {
        var (user, tokens) = await auth.NewUserAsync();
        return new(auth, user, tokens, new(AuthProcess.Issuer));
    }

    /// <summary>With its passkey added.</summary>
    public static async Task<PasskeyUser> WithPasskeyAsync(AuthClient auth)
    {
        var user = await NewAsync(auth);
        Assert.Equal(HttpStatusCode.Created, (await user.AddAsync()).Status);
        return user;
    }

    public async Task<PasskeyChallenge> AskToAddAsync() =>
        (await Auth.SendAsync(HttpMethod.Post, "/auth/passkeys/options", Tokens.Access, new { password = AuthClient.Password })).As<PasskeyChallenge>();

    public async Task<Answer> AddAsync()
    {
        var challenge = await AskToAddAsync();
        return await AddAsync(challenge, Passkey.Create(challenge.Options));
    }

    public Task<Answer> AddAsync(PasskeyChallenge challenge, JsonObject credential, string? name = "Laptop") =>
        Auth.SendAsync(HttpMethod.Post, "/auth/passkeys", Tokens.Access, new { state = challenge.State, credential, name });

    public async Task<PasskeyChallenge> AskToLogInAsync() =>
        (await Auth.SendAsync(HttpMethod.Post, "/auth/passkeys/login/options")).As<PasskeyChallenge>();

    public async Task<Answer> LogInAsync()
    {
        Passkey.Counter++;
        var challenge = await AskToLogInAsync();
        return await LogInAsync(challenge, Passkey.Get(challenge.Options));
    }

    public Task<Answer> LogInAsync(PasskeyChallenge challenge, JsonObject credential) =>
        Auth.PostAsync("/auth/passkeys/login", new { state = challenge.State, credential });

    public void Dispose() => Passkey.Dispose();
}
