using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Throughline.Backend.Tests.Files;
using Throughline.Backend.Tests.Users;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>
/// Two users who each own one thing of every kind, all of it marked by a word of their own (its canary), a third who is gone, and the
/// token that every kind of caller would bring. All tokens are given by auth itself; none is forged.
/// </summary>
public sealed partial class World(BackendStack platform) : IAsyncLifetime
{
    private readonly Dictionary<Caller, string?> _tokens = [];
    private readonly Dictionary<string, string> _things = [];
    private TestUser? _owner;
    private TestUser? _other;

    public Platform Platform => platform;

    public TestUser Owner => _owner!;

    public TestUser Other => _other!;

    /// <summary>The owner's marks: its name and e-mail, titles, questions, file names and keys' names bear one.</summary>
    public string OwnersCanary { get; } = NewCanary();

    public string OthersCanary { get; } = NewCanary();

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        _owner = await platform.SignUpAsync(OwnersCanary, stop);
        _other = await platform.SignUpAsync(OthersCanary, stop);
        var expired = await BriefTokenAsync(stop);
        foreach (var thing in (string[])["thread", "file", "session", "key", "passkey", "document"]) _things[thing] = await MakeAsync(thing, stop);
        _things["other thread"] = await MakeAsync("thread", stop);
        _things["user"] = Owner.UserId.ToString();
        await using (var bystander = await platform.SignUpAsync("bystander", stop)) _things["bystander"] = bystander.UserId.ToString();
        (_things["run"], _things["fact"]) = await AskAsync(Owner, OwnersCanary, _things["thread"], _things["file"], stop);

        _tokens[Caller.Owner] = Owner.AccessToken;
        _tokens[Caller.Other] = Other.AccessToken;
        _tokens[Caller.Anonymous] = null;
        _tokens[Caller.AccountKey] = (await KeyAsync(Owner, stop, "account")).Key;
        _tokens[Caller.Deleted] = await DeletedTokenAsync(stop);
        _tokens[Caller.WrongAudience] = await IdentityTokenAsync(stop);
        _tokens[Caller.Service] = await ServiceTokenAsync("throughline-backend", "client-backend", stop);
        _tokens[Caller.Operator] = await ServiceTokenAsync("throughline-operator", "client-operator", stop);
        _tokens[Caller.Admin] = await AdminTokenAsync(stop);
        _tokens[Caller.Expired] = await PastAsync(expired, stop);
    }

    public string? TokenOf(Caller caller) => _tokens[caller];

    /// <summary>The owner's own, made once; tests leave it as it is.</summary>
    public string IdOf(string thing) => _things[thing];

    /// <summary>An id like the thing's that nothing has.</summary>
    public static string AbsentIdOf(string thing) => thing == "run" ? $"run-{Guid.NewGuid():N}" : Guid.CreateVersion7().ToString();

    public Uri AddressOf(string service) => service switch
    {
        "auth" => platform.Auth,
        "backend" => platform.Backend,
        _ => platform.Frontend,
    };

    /// <summary>Makes the owner another thing of that kind.</summary>
    public async Task<string> MakeAsync(string thing, CancellationToken cancellationToken)
    {
        switch (thing)
        {
            case "thread":
                using (var http = Owner.CreateHttp(platform.Backend))
                {
                    var body = new CreateThread(Title: $"title {OwnersCanary}");
                    using var made = await http.PostAsJsonAsync("/api/threads", body, WireJson.Default.CreateThread, cancellationToken);
                    return (await made.ReadAsync(WireJson.Default.ThreadSummary, cancellationToken)).Id;
                }

            case "file":
                return (await Owner.UploadAsync($"{OwnersCanary}-{Guid.NewGuid():N}.csv", Uploads.Trace(20, Random.Shared.Next(2, 1_000_000)), cancellationToken)).Id.ToString();
            case "document":
                return await DocumentAsync(cancellationToken);
            case "session":
                await using (var device = await platform.SignInAsync(Owner.UserId, Owner.Email, cancellationToken))
                    return SessionOf(device.AccessToken);
            case "key":
                return (await KeyAsync(Owner, cancellationToken, "api")).Summary.Id.ToString();
            case "passkey":
                return await PasskeyAsync(cancellationToken);
            default:
                throw new ArgumentException($"A {thing} cannot be made at will.", nameof(thing));
        }
    }

    /// <summary>Has the user ask about a file, and waits for the end.</summary>
    /// <returns>The run, and a fact of its answer.</returns>
    public async Task<(string Run, string Fact)> AskAsync(TestUser user, string canary, string thread, string file, CancellationToken cancellationToken)
    {
        var run = $"run-{Guid.NewGuid():N}";
        using var http = user.CreateHttp(platform.Backend);
        var input = new RunAgentInput(
            ThreadId: thread, RunId: run, Messages: [new AgUiMessage("m1", "user", JsonSerializer.SerializeToElement($"Price this trace at gpt-4o: what is the total cost? {canary}"))],
            ForwardedProps: JsonSerializer.SerializeToElement(new { fileIds = (string[])[file] }));
        using var answer = await http.PostAsJsonAsync("/api/agui", input, WireJson.Default.RunAgentInput, cancellationToken);
        var events = await answer.Content.ReadAsStringAsync(cancellationToken);
        var fact = FactId().Match(events);
        Assert.True(fact.Success, events);
        return (run, fact.Groups[1].Value);
    }

    public async ValueTask DisposeAsync()
    {
        if (_owner is not null) await _owner.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
    }

    internal async Task<CreatedApiKey> KeyAsync(TestUser user, CancellationToken cancellationToken, params string[] scopes)
    {
        using var auth = user.CreateHttp(platform.Auth);
        using var answer = await auth.PostAsJsonAsync("/auth/api-keys", new NewApiKey($"key {(user == Owner ? OwnersCanary : OthersCanary)}", scopes), WireJson.Default.NewApiKey, cancellationToken);
        return await answer.ReadAsync(WireJson.Default.CreatedApiKey, cancellationToken);
    }

    /// <summary>Has a routing patch written: asked for, and approved.</summary>
    private async Task<string> DocumentAsync(CancellationToken cancellationToken)
    {
        var file = await Owner.UploadAsync($"{OwnersCanary}-plan.csv", Actions.Approvals.Northwind(), cancellationToken);
        await using var socket = await RawSocket.OpenAsync(platform, Owner, cancellationToken);
        var (thread, run) = ($"plan-{Guid.NewGuid():N}", $"run-{Guid.NewGuid():N}");
        var interrupt = await Actions.Approvals.ProposeAsync(socket, "Write the routing patch for this plan", thread, run, cancellationToken, file.Id);
        var ack = await Actions.Approvals.ResumeAsync(socket, $"yes-{run}", thread, interrupt, true, cancellationToken);
        await socket.EndOfAsync(ack.GetProperty("runId").GetString()!, cancellationToken);
        var shown = socket.EventsOf(thread).Last(e => RawSocket.EventType(e) == "ACTIVITY_SNAPSHOT").GetProperty("event").GetProperty("content");
        return shown.GetProperty("id").GetString()!;
    }

    private async Task<string> PasskeyAsync(CancellationToken cancellationToken)
    {
        using var auth = Owner.CreateHttp(platform.Auth);
        using var asked = await auth.PostAsJsonAsync("/auth/passkeys/options", new PasswordProof(Platform.Password), WireJson.Default.PasswordProof, cancellationToken);
        var challenge = await asked.ReadAsync(WireJson.Default.PasskeyChallenge, cancellationToken);
        using var authenticator = new SoftwareAuthenticator($"http://localhost:{platform.Frontend.Port}");
        var answer = new PasskeyAnswer(challenge.State, JsonSerializer.SerializeToElement(authenticator.Create(challenge.Options)), OwnersCanary);
        using var made = await auth.PostAsJsonAsync("/auth/passkeys", answer, WireJson.Default.PasskeyAnswer, cancellationToken);
        return (await made.ReadAsync(WireJson.Default.PasskeySummary, cancellationToken)).Id;
    }

    private static string NewCanary() => $"canary{Guid.NewGuid():N}"[..18];

    private static string SessionOf(string accessToken) => ClaimsOf(accessToken).GetProperty("sid").GetString()!;

    private static JsonElement ClaimsOf(string token) => JsonElement.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));

    /// <summary>An access token that lasts seconds: that of a key that lasts no longer. It is good for a moment, as a control shows.</summary>
    private async Task<string> BriefTokenAsync(CancellationToken cancellationToken)
    {
        using var auth = Owner.CreateHttp(platform.Auth);
        var request = new NewApiKey("brief", ExpiresAt: TimeProvider.System.GetUtcNow().AddSeconds(5));
        using var made = await auth.PostAsJsonAsync("/auth/api-keys", request, WireJson.Default.NewApiKey, cancellationToken);
        var key = await made.ReadAsync(WireJson.Default.CreatedApiKey, cancellationToken);
        using var service = platform.Auth.Bringing(await ServiceTokenAsync("throughline-backend", "client-backend", cancellationToken));
        using var exchanged = await service.PostAsJsonAsync("/internal/api-keys/exchange", new PresentedApiKey(key.Key), WireJson.Default.PresentedApiKey, cancellationToken);
        var token = (await exchanged.ReadAsync(WireJson.Default.ExchangedApiKey, cancellationToken)).AccessToken!;
        using var http = platform.Backend.Bringing(token);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", cancellationToken)).StatusCode);
        return token;
    }

    private static async Task<string> PastAsync(string token, CancellationToken cancellationToken)
    {
        var left = DateTimeOffset.FromUnixTimeSeconds(ClaimsOf(token).GetProperty("exp").GetInt64()) - TimeProvider.System.GetUtcNow();
        if (left > TimeSpan.Zero) await Task.Delay(left + TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        return token;
    }

    private async Task<string> DeletedTokenAsync(CancellationToken cancellationToken)
    {
        await using var gone = await platform.SignUpAsync("gone", cancellationToken);
        await using var socket = await RawSocket.OpenAsync(platform, gone, cancellationToken);
        await socket.HelloAsync(cancellationToken);
        using var auth = gone.CreateHttp(platform.Auth);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", cancellationToken)).StatusCode);
        Assert.Equal(4004, await socket.ClosedAsync(cancellationToken)); // the backend has heard of it
        return gone.AccessToken;
    }

    /// <summary>As the operator signs in after the first start, once auth has made the account.</summary>
    private async Task<string> AdminTokenAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var login = new LoginRequest("admin@throughline.local", (await File.ReadAllTextAsync(platform.State.PathOf("secrets", "admin-password"), limit.Token)).Trim());
        using var signIn = new NativeSignIn(platform.Auth);
        while (true)
        {
            try
            {
                return (await signIn.LogInAsync(login, limit.Token)).AccessToken;
            }
            catch (ProtocolException e) when (e.Code == "invalid_credentials")
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, limit.Token);
            }
        }
    }

    private async Task<string> IdentityTokenAsync(CancellationToken cancellationToken)
    {
        await using var device = await platform.SignInAsync(Owner.UserId, Owner.Email, cancellationToken);
        return await TokenAsync("id_token", cancellationToken, ("grant_type", "refresh_token"), ("client_id", "throughline-cli"), ("refresh_token", device.Tokens.RefreshToken));
    }

    private Task<string> ServiceTokenAsync(string client, string secret, CancellationToken cancellationToken) => TokenAsync(
        "access_token", cancellationToken, ("grant_type", "client_credentials"), ("client_id", client), ("client_secret", File.ReadAllText(platform.State.PathOf("secrets", secret)).Trim()));

    private async Task<string> TokenAsync(string member, CancellationToken cancellationToken, params (string Name, string Value)[] form)
    {
        using var http = ThroughlineHttp.Create(platform.Auth);
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var answer = await http.PostAsync("/connect/token", content, cancellationToken);
        var json = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return json.GetProperty(member).GetString()!;
    }

    [GeneratedRegex("\"factId\":\"([^\"]+)\"")]
    private static partial Regex FactId();
}
