using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Verify;

/// <summary>A running system: where it is, what is known of it, and who was made on it.</summary>
internal sealed class SystemUnderTest : IAsyncDisposable
{
    /// <summary>Where a refusal is waited for in vain.</summary>
    public const string StillTaken = "its token is still taken";

    private static readonly string[] ServiceNames = ["store", "auth", "backend", "frontend"];
    private readonly Dictionary<string, Uri> _corrected = [];
    private readonly SemaphoreSlim _adminGate = new(1);
    private Member? _admin;

    /// <param name="stateRoot">Null where only the public origin is known.</param>
    public SystemUnderTest(VerifyOptions options, string? stateRoot, Uri? origin, bool isOwn, StackSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(options);
        (StateRoot, Origin, IsOwn, Settings) = (stateRoot, origin, isOwn, settings ?? new StackSettings());
        Time = options.Time;
        Web = new Web(Time, ServiceAt);
        Members = new Members(this);
        MayDisrupt = isOwn || (options.MayDisrupt && stateRoot is not null);
        HasBrowser = options.WithBrowser;
        OperatorsRedis = stateRoot is null ? null : RedisOf(stateRoot);
    }

    public string? StateRoot { get; }

    public Uri? Origin { get; }

    /// <summary>Whether it was started for this run alone.</summary>
    public bool IsOwn { get; }

    public bool MayDisrupt { get; }

    private bool HasBrowser { get; }

    public StackSettings Settings { get; }

    public TimeProvider Time { get; }

    public Web Web { get; }

    public Members Members { get; }

    /// <summary>The process that runs it, where verify started it.</summary>
    public OwnStack? Own { get; init; }

    /// <summary>The stand-in for a language model, where it has one.</summary>
    public ScriptedModel? Model { get; init; }

    public Uri Auth => AddressOf("auth");

    public Uri Backend => AddressOf("backend");

    public Uri Frontend => Origin ?? FrontendPages.At(AddressOf("frontend"));

    public Uri Socket => SocketAt(Backend);

    /// <summary>The socket as the page opens it, through the public origin.</summary>
    public Uri PublicSocket => SocketAt(Frontend);

    /// <summary>The socket's address as the record names it; a proxy may stand there.</summary>
    public Uri RecordedSocket => RecordOf("backend") is { WsUrl: { } ws } record && (new Uri(ws).Port != record.Port || !_corrected.ContainsKey("backend")) ? new Uri(ws) : Socket;

    /// <summary>The secret with which auth signs, whoever else holds another: what its own settings say counts above what the stack was started with.</summary>
    public string? IssuingSecret => (StateRoot is null ? null : ServiceSettings.Read(StateRoot, "auth")?.GetValueOrDefault("JWT_SECRET_KEY")) ?? Settings.SharedSecret;

    public DiscoveryRecord? RecordOf(string service) => StateRoot is null ? null : DiscoveryFiles.Read(StateRoot, service).FirstOrDefault();

    /// <summary>What an assertion says that finds none.</summary>
    public static string NoRecordOf(string service) => $"{service} has no discovery record";

    public IReadOnlyList<DiscoveryRecord> RecordsOf(string service) => StateRoot is null ? [] : [.. DiscoveryFiles.Read(StateRoot, service)];

    /// <summary>Where a service is although its record says otherwise, so that what lies behind a wrong record can be looked at, too.</summary>
    public void Correct(string service, Uri address) => _corrected[service] = address;

    /// <summary>The socket of whoever is at that place.</summary>
    public static Uri SocketAt(Uri place) => new UriBuilder(place) { Scheme = place.Scheme == "https" ? "wss" : "ws", Path = "/ws" }.Uri;

    /// <returns>What the assertion needs and this target lacks, in words; null for nothing.</returns>
    public string? Lacks(Needs needs) =>
        needs.HasFlag(Needs.State) && StateRoot is null ? "the state folder of the target is not at hand"
        : needs.HasFlag(Needs.Services) && StateRoot is null ? "only the public origin of the target is known"
        : needs.HasFlag(Needs.SameMachine) && (StateRoot is null || !OperatingSystem.IsLinux()) ? "the target's processes cannot be seen from here"
        : needs.HasFlag(Needs.OwnStack) && !IsOwn ? "only on a stack that verify starts itself"
        : needs.HasFlag(Needs.ShortTickets) && Settings.TicketLifetime is null ? "only where tickets are short-lived (Gateway:TicketLifetime)"
        : needs.HasFlag(Needs.ShortWindow) && Settings.LimitWindow is null ? "only where the window of limits is short (Limits:Window)"
        : needs.HasFlag(Needs.SharedSecret) && Settings.SharedSecret is null ? "only where verify knows the signing secret"
        : needs.HasFlag(Needs.PublishedKeys) && Settings.SharedSecret is not null ? "access tokens are signed with a shared secret here"
        : needs.HasFlag(Needs.Administrator) && AdminPassword is null ? "no administrator's password is at hand"
        : needs.HasFlag(Needs.ManySignUps) && !IsOwn ? "the target limits sign-ups"
        : needs.HasFlag(Needs.OwnStore) && OperatorsRedis is { } redis ? $"the key-value store is the operator's own, at {redis}"
        : needs.HasFlag(Needs.Browser) && !HasBrowser ? "switched off (--browser off)"
        : null;

    /// <summary>Where the Redis is that the stack was told to use instead of a store of its own, by its launcher's note; null where it has its own.</summary>
    public string? OperatorsRedis { get; }

    public string? ReadSecret(string name)
    {
        var path = StateRoot is null ? null : Path.Combine(StateRoot, "secrets", name);
        return path is not null && File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>A token of one of the services' own clients, by client credentials.</summary>
    /// <param name="client"><c>backend</c>, <c>frontend</c> or <c>operator</c>.</param>
    public async Task<string> ServiceTokenAsync(string client, CancellationToken cancellationToken)
    {
        var secret = ReadSecret($"client-{client}") ?? throw new NotJudged($"the secret of the client {client} is not at hand");
        var answer = await Web.FormAsync(new Uri(Auth, "/connect/token"), [
            new("grant_type", "client_credentials"), new("client_id", $"throughline-{client}"), new("client_secret", secret)], cancellationToken);
        return answer.Expect(200).Json.Text("access_token");
    }

    /// <summary>The first administrator, signed in once for the whole run.</summary>
    public async Task<Member> AdministratorAsync(CancellationToken cancellationToken)
    {
        await _adminGate.WaitAsync(cancellationToken);
        try
        {
            return _admin ??= await Members.SignInAsync("admin@throughline.local", AdminPassword ?? throw new NotJudged("no administrator's password is at hand"), Guid.Empty, cancellationToken);
        }
        finally
        {
            _adminGate.Release();
        }
    }

    /// <summary>Changes a user as an administrator: tier, role, disabled.</summary>
    public async Task ChangeUserAsync(Guid userId, JsonObject patch, CancellationToken cancellationToken)
    {
        var admin = await AdministratorAsync(cancellationToken);
        await admin.GetAsync(cancellationToken);
        var before = (await admin.GetAsync($"/auth/admin/users/{userId}", cancellationToken)).Expect(200).Json;
        (await admin.SendAsync(HttpMethod.Patch, $"/auth/admin/users/{userId}", patch, cancellationToken, before.Number("version"))).Expect(200);
    }

    /// <summary>Waits until the backend has heard that a session ended; the caller's deadline is the limit.</summary>
    public async Task UntilRefusedAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            await Waiting.UntilAsync(Time, async () => (await member.GetAsync("/api/threads", cancellationToken)).Status == 401, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(StillTaken);
        }
    }

    /// <summary>Looks at a discovery record, at the operating system, and at who answers there.</summary>
    public Task<DiscoveryLook> LookAtRecordAsync(string service, CancellationToken cancellationToken) => RecordLooker.LookAsync(this, service, cancellationToken);

    public async Task<JsonElement> LookAtHealthAsync(string service, CancellationToken cancellationToken)
    {
        var url = new Uri(AddressOf(service), "/health/ready");
        var answer = await Web.GetAsync(url, null, cancellationToken);
        var checks = answer.Json.Find("checks") is { ValueKind: JsonValueKind.Object } all
            ? all.EnumerateObject().ToDictionary(c => c.Name, c => $"{c.Value.FindText("status")}{(c.Value.FindText("error") is { } error ? $": {error}" : "")}")
            : [];
        Probe.Current?.Add(new HealthLook(Time.GetUtcNow(), service, url.AbsoluteUri, answer.Json.FindText("status"), checks, answer.Exchange.From));
        return answer.Json;
    }

    /// <summary>By how much a service's clock, as its answers show it in whole seconds, is ahead of ours.</summary>
    /// <param name="address">Where it is asked.</param>
    public async Task<TimeSpan> LookAtClockAsync(string service, Uri address, CancellationToken cancellationToken)
    {
        var answer = await Web.GetAsync(new Uri(address, "/health/live"), null, cancellationToken);
        if (!DateTimeOffset.TryParse(answer.Header("Date"), CultureInfo.InvariantCulture, out var date)) throw new Refutation($"{service} answers without a date");
        var now = Time.GetUtcNow();
        var ahead = ClockLook.Ahead(date, now);
        Probe.Current?.Add(new ClockLook(now, service, ahead.TotalSeconds));
        return ahead;
    }

    /// <summary>The last lines that a service logged, as evidence.</summary>
    public void NoteLog(string service, int lines = 8)
    {
        using var reader = StateRoot is null ? null : ServiceLog.Open(StateRoot, service);
        if (reader is null) return;
        var last = new Queue<string>();
        while (reader.ReadLine() is { } line)
        {
            last.Enqueue(line.Length <= 300 ? line : line[..300]);
            if (last.Count > lines) last.Dequeue();
        }

        Probe.Current?.Add(new LogLook(Time.GetUtcNow(), service, [.. last]));
    }

    public Uri AddressOf(string service)
    {
        if (Origin is not null) return Origin;
        if (_corrected.TryGetValue(service, out var corrected)) return corrected;
        return RecordOf(service) is { } record ? new Uri(record.ApiUrl) : throw new Refutation(NoRecordOf(service));
    }

    public async ValueTask DisposeAsync()
    {
        await Members.DisposeAsync();
        if (_admin is not null && !IsOwn) await SignOutAsync(_admin);
        Web.Dispose();
        _adminGate.Dispose();
    }

    private static async Task SignOutAsync(Member admin)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            await admin.SendAsync(HttpMethod.Post, "/auth/logout", null, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or Refutation)
        {
            // The session runs out by itself.
        }
    }

    private static string? RedisOf(string stateRoot)
    {
        try
        {
            return JsonElement.Parse(File.ReadAllBytes(Path.Combine(stateRoot, "launcher.json"))).FindText("redis");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // no launcher runs it, or it is just writing
        }
    }

    private string? AdminPassword => ReadSecret("admin-password");

    private string? ServiceAt(Uri url)
    {
        if (Origin is not null) return OfPath(url.AbsolutePath);
        foreach (var service in ServiceNames)
            if (RecordOf(service) is { } record && record.Port == url.Port) return service == "frontend" ? OfPath(url.AbsolutePath) : service;
        return null;
    }

    /// <summary>Behind the public origin the path says which service answers.</summary>
    private static string OfPath(string path) => path.Split('/')[1] switch
    {
        "auth" or "connect" or ".well-known" => "auth",
        "api" or "ws" => "backend",
        _ => "frontend",
    };
}
