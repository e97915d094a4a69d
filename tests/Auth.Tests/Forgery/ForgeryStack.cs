using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.SigningKeys;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>Access tokens signed by auth's own keys, ES256.</summary>
public sealed class StackWithKeys() : ForgeryStack(secret: null);

/// <summary>Access tokens signed with a secret that all services share, HS256.</summary>
public sealed class StackWithASecret() : ForgeryStack(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

/// <summary>The whole stack, a user of it, and auth's own key, which the tests take from the state folder that is theirs.</summary>
public abstract class ForgeryStack(string? secret) : Platform
{
    private readonly TrapListener _trap = new();

    internal TestUser User { get; private set; } = null!;

    internal Truth Truth { get; private set; } = null!;

    internal TrapListener Trap => _trap;

    /// <summary>The controls' token must outlast a long run.</summary>
    protected override IReadOnlyDictionary<string, string> Environment => secret is null
        ? new Dictionary<string, string> { ["Tokens__AccessLifetime"] = "01:00:00" }
        : new Dictionary<string, string> { ["Tokens__AccessLifetime"] = "01:00:00", ["JWT_SECRET_KEY"] = secret };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var stop = TestContext.Current.CancellationToken;
        User = await SignUpAsync("forged", stop);
        using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(User.AccessToken.Split('.')[1]));
        var issuer = claims.RootElement.GetProperty("iss").GetString()!;
        var (key, id) = await SigningKeyAsync(issuer, stop);
        Truth = new(key, id, secret, issuer, User.UserId, claims.RootElement.GetProperty("sid").GetGuid(), TimeProvider.System, await OtherTokensAsync(stop), _trap.Address);
    }

    public override async ValueTask DisposeAsync()
    {
        if (User is not null) await User.DisposeAsync();
        await base.DisposeAsync();
        _trap.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Every line that a service wrote so far.</summary>
    internal IReadOnlyList<string> LogLines()
    {
        var lines = new List<string>();
        foreach (var path in Directory.EnumerateFiles(State.PathOf("logs"), "*.log"))
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line) lines.Add($"{Path.GetFileNameWithoutExtension(path)} {line}");
        }
        return lines;
    }

    private async Task<(byte[] Key, string Id)> SigningKeyAsync(string issuer, CancellationToken cancellationToken)
    {
        await using var node = new AuthNode(new Dictionary<string, string> { ["State__Directory"] = State.Root, ["Auth__Issuer"] = issuer });
        var row = await node.ReadAsync(db => db.SigningKeys.AsNoTracking().SingleAsync(k => k.State == SigningKeyState.Signing, cancellationToken));
        return (await node.WithAsync<MasterKey, byte[]>(master => Task.FromResult(master.Decrypt(row.EncryptedPrivateKey, $"signing key {row.Id}"))), row.Id);
    }

    private async Task<OtherTokens> OtherTokensAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var renewed = await PostAsync(http, new Uri(Auth, "/connect/token"), cancellationToken, ("grant_type", "refresh_token"), ("client_id", "throughline-cli"), ("refresh_token", User.Tokens.RefreshToken));
        var service = await PostAsync(
            http, new Uri(Auth, "/connect/token"), cancellationToken, ("grant_type", "client_credentials"), ("client_id", "throughline-backend"),
            ("client_secret", (await File.ReadAllTextAsync(State.PathOf("secrets", "client-backend"), cancellationToken)).Trim()));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", User.AccessToken);
        var ticket = await PostAsync(http, new Uri(Backend, "/api/ws-tickets"), cancellationToken);
        return new(Text(renewed, "id_token"), Text(renewed, "refresh_token"), Text(ticket, "ticket"), Text(service, "access_token"));
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, Uri address, CancellationToken cancellationToken, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var answer = await http.PostAsync(address, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
