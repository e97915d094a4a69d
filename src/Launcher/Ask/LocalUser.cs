using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts.Accounts;
using Throughline.Launcher.State;

namespace Throughline.Launcher.Ask;

/// <summary>Who asks from the shell: a user made through the API like any other, whose credentials lie in the private state.</summary>
internal sealed record LocalUser(string Email, string Password, TokenSet? Tokens)
{
    private const string File = "local-user.json";

    public static async Task<SavedLogin> SignInAsync(StateDirectory state, Uri auth, NativeSignIn signIn, CancellationToken cancellationToken)
    {
        var path = state.PathOf("secrets", File);
        var user = Read(path) ?? await SignUpAsync(path, auth, cancellationToken);
        var login = user.Tokens is { } saved ? Begin(saved) : null;
        if (login is not null && await login.GetAsync(cancellationToken) is not null)
            return login;
        // No tokens yet, or the session has ended since.
        var tokens = await signIn.LogInAsync(new LoginRequest(user.Email, user.Password), cancellationToken);
        Save(path, user with { Tokens = tokens });
        return Begin(tokens);

        SavedLogin Begin(TokenSet tokens) => new(signIn, tokens, renewed => Save(path, user with { Tokens = renewed }));
    }

    private static async Task<LocalUser> SignUpAsync(string path, Uri auth, CancellationToken cancellationToken)
    {
        var user = new LocalUser(
            $"local-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}@throughline.local",
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), Tokens: null);
        // Saved first: an account whose password nobody knows would be of no use.
        Save(path, user);
        try
        {
            using var http = ThroughlineHttp.Create(auth);
            await new AccountClient(http, new NoToken()).SignUpAsync(new SignUpRequest(user.Email, user.Password, "Local user"), cancellationToken);
        }
        catch (ProtocolException)
        {
            System.IO.File.Delete(path);
            throw;
        }

        return user;
    }

    private static LocalUser? Read(string path) =>
        System.IO.File.Exists(path) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), LocalUserJson.Default.LocalUser) : null;

    private static void Save(string path, LocalUser user)
    {
        StateDirectory.WritePrivate(path + ".tmp", JsonSerializer.Serialize(user, LocalUserJson.Default.LocalUser));
        System.IO.File.Move(path + ".tmp", path, overwrite: true);
    }

    private sealed class NoToken : IAccessTokenSource
    {
        public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new((string?)null);

        public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new((string?)null);
    }
}

[JsonSerializable(typeof(LocalUser))]
internal sealed partial class LocalUserJson : JsonSerializerContext;
