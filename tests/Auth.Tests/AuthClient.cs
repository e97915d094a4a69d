using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests;

/// <summary>Speaks to auth as clients do, in intents.</summary>
internal sealed class AuthClient(AuthProcess process)
{
    public const string Password = "Correct-Horse-7-Battery";
    public const string Client = "throughline-cli";
    public const string Redirect = "http://127.0.0.1:47113/callback";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly Uri _address = process.Address;

    public AuthProcess Process => process;

    public static string NewEmail() => $"u-{Guid.NewGuid():N}@example.com";

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? token = null, object? json = null, IDictionary<string, string>? form = null,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address, path));
        if (json is not null) request.Content = JsonContent.Create(json);
        if (form is not null) request.Content = new FormUrlEncodedContent(form);
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(response.StatusCode, body, response.Headers.ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase));
    }

    public Task<Answer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token);

    public Task<Answer> PostAsync(string path, object json) => SendAsync(HttpMethod.Post, path, json: json);

    public Task<Answer> DeleteAsync(string path, string token) => SendAsync(HttpMethod.Delete, path, token);

    public async Task<SignUpResponse> SignUpAsync(string? email = null)
    {
        var answer = await PostAsync("/auth/signup", new { email = email ?? NewEmail(), password = Password, name = "Maya" });
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.As<SignUpResponse>();
    }

    /// <summary>Sends as somebody at <paramref name="address"/> would, through the frontend.</summary>
    public Task<Answer> PostFromAsync(string address, string path, object json, string? token = null) => SendAsync(
        HttpMethod.Post, path, token, json, headers: [("Throughline-Frontend", ProofOf("forwarded")), ("X-Forwarded-For", address)]);

    /// <summary>The frontend's proof, independent of the code that checks it.</summary>
    public string ProofOf(string kind) => Convert.ToHexStringLower(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(process.Secret("client-frontend")), Encoding.UTF8.GetBytes($"throughline frontend, {kind} v1")));

    /// <summary>Tokens of the first administrator, who is made a moment after the start.</summary>
    public async Task<Tokens> AdminAsync()
    {
        await process.WaitForOutputAsync("Made the first administrator", TestContext.Current.CancellationToken);
        return await TokensAsync(await LogInAsync("admin@throughline.local", process.Secret("admin-password")));
    }

    /// <returns>The sign-in cookie.</returns>
    public async Task<string> LogInAsync(string email, string password = Password)
    {
        var answer = await PostAsync("/auth/login", new { email, password });
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        return answer.Headers["Set-Cookie"].Single().Split(';')[0];
    }

    public Task<Answer> AuthorizeAsync(string? cookie, string challenge, params (string Name, string Value)[] changes)
    {
        var query = HttpUtility.ParseQueryString("");
        query["client_id"] = Client;
        query["response_type"] = "code";
        query["redirect_uri"] = Redirect;
        query["scope"] = "openid offline_access api";
        query["code_challenge"] = challenge;
        query["code_challenge_method"] = "S256";
        query["state"] = "st";
        foreach (var (name, value) in changes) query[name] = value;
        return SendAsync(HttpMethod.Get, $"/connect/authorize?{query}", headers: cookie is null ? [] : [("Cookie", cookie)]);
    }

    public Task<Answer> RedeemAsync(string code, string verifier, string client = Client) => SendAsync(
        HttpMethod.Post, "/connect/token",
        form: new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = client,
            ["code"] = code,
            ["code_verifier"] = verifier,
            ["redirect_uri"] = Redirect,
        });

    public async Task<Tokens> TokensAsync(string cookie)
    {
        var (verifier, challenge) = NewPkce();
        var code = CodeOf(await AuthorizeAsync(cookie, challenge));
        var answer = await RedeemAsync(code, verifier);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return Tokens.Of(answer);
    }

    /// <summary>From nothing to tokens.</summary>
    public async Task<(SignUpResponse User, Tokens Tokens)> NewUserAsync()
    {
        var user = await SignUpAsync();
        return (user, await TokensAsync(await LogInAsync(user.Email)));
    }

    public Task<Answer> RefreshAsync(string refreshToken, string client = Client) => SendAsync(
        HttpMethod.Post, "/connect/token",
        form: new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["client_id"] = client, ["refresh_token"] = refreshToken });

    /// <summary>A token as the backend has one, or <c>frontend</c>, or <c>operator</c>.</summary>
    public async Task<string> ServiceTokenAsync(string service = "backend")
    {
        var answer = await SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = $"throughline-{service}",
            ["client_secret"] = process.Secret($"client-{service}"),
        });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json.GetProperty("access_token").GetString()!;
    }

    public async Task<UserChanges> ChangesAsync(string serviceToken, long after, int wait = 0)
    {
        var answer = await GetAsync($"/internal/users/changes?after={after}&wait={wait}", serviceToken);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.As<UserChanges>();
    }

    public static (string Verifier, string Challenge) NewPkce()
    {
        var verifier = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (verifier, System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }

    public static string CodeOf(Answer answer)
    {
        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        return HttpUtility.ParseQueryString(new Uri(answer.Location).Query)["code"] ?? throw new InvalidOperationException($"No code in {answer.Location}");
    }
}

internal sealed record Tokens(string Access, string Refresh)
{
    public static Tokens Of(Answer answer) =>
        new(answer.Json.GetProperty("access_token").GetString()!, answer.Json.GetProperty("refresh_token").GetString()!);

    public Guid SessionId => Claims.GetProperty("sid").GetGuid();

    public JsonElement Claims => JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(Access.Split('.')[1])).RootElement;
}

internal sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string[]> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Location => Headers["Location"].Single();

    public string? Code => Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string? Error => Json.TryGetProperty("error", out var error) ? error.GetString() : null;

    public string ETag => Headers["ETag"].Single();

    public T As<T>() => (T)JsonSerializer.Deserialize(Body, typeof(T), WireJson.Default)!;
}
