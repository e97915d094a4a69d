using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;
using Throughline.Contracts.Http;
using Throughline.ServiceDefaults;
using Throughline.Verify.Checks.Startup;

namespace Throughline.Verify.Faults;

/// <summary>A throw-away stack with tools at it. What they change is noted in the journal before, and undone by <see cref="RestoreAsync"/>.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public const string FrontHost = "127.0.0.2";
    public static readonly string[] Services = ["store", "auth", "backend", "frontend"];
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A service looks at the records of others each second, and then asks them who they are.</summary>
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(2.5);

    /// <summary>Each time the launcher waits twice as long before it starts a service again; after so many a new launcher is sooner.</summary>
    private const int MostRestarts = 3;

    private static readonly (string Service, string Path)[] ForwardedPaths = [("auth", "/.well-known/jwks"), ("backend", "/api/threads")];
    private readonly VerifyOptions _options;
    private readonly UndoJournal _journal;
    private readonly List<IAsyncDisposable> _tools = [];
    private readonly HttpClient _http = new(new LostConnections(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(3) })) { Timeout = TimeSpan.FromSeconds(4) };
    private readonly HashSet<string> _touched = []; // services that start anew once the fault is undone
    private readonly HashSet<string> _touchedRecords = [];
    private readonly int _mark;
    private int _beforeFault;
    private bool _startsAnew;

    private Rig(VerifyOptions options, UndoJournal journal, string state, StackSettings settings, int mark)
    {
        (_options, _journal, State, StartedWith, _mark, _beforeFault) = (options, journal, state, settings, mark, mark);
        Stack = null!;
    }

    public string State { get; }

    public StackSettings StartedWith { get; }

    public OwnStack Stack { get; private set; }

    public TimeProvider Time => _options.Time;

    public UndoJournal Journal => _journal;

    public static async Task<Rig> StartAsync(VerifyOptions options, UndoJournal journal, StackSettings settings, CancellationToken cancellationToken)
    {
        var mark = journal.Mark;
        var state = Directory.CreateTempSubdirectory("throughline-prove-").FullName; // mode 0700
        journal.WillRemove(state);
        var rig = new Rig(options, journal, state, settings, mark);
        try
        {
            await rig.StartStackAsync([], cancellationToken);
            await rig.Stack.ReadyAsync(cancellationToken);
            await rig.SettleAsync(cancellationToken);
            foreach (var service in Services) rig.Guard(service);
            rig._beforeFault = journal.Mark;
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the launcher; whoever calls waits for what is to come of it.</summary>
    public Task StartStackAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Stack = OwnStack.Start(_options.Launcher, State, arguments, StartedWith.ToEnvironment(), Time);
        return Task.CompletedTask;
    }

    public async Task StopStackAsync()
    {
        await Stack.DisposeAsync();
    }

    public VerifyOptions OptionsFor(IReadOnlyList<int> checks) => _options with
    {
        StateRoot = State,
        Only = checks.ToHashSet(),
        TargetSettings = StartedWith,
        WithBrowser = false,
        MayDisrupt = checks.Any(c => _options.Graph.Checks.Single(g => g.Number == c).Id is "persistence" or "recovery"), // these are nothing but kills
    };

    public DiscoveryRecord RecordOf(string service) => DiscoveryFiles.Read(State, service).FirstOrDefault() ?? throw new FaultFailed($"{service} has no discovery record");

    public string RecordPathOf(string service) => Path.Combine(State, DiscoveryFiles.Folder, $"{service}.json");

    public int PidOf(string service) => Noted(service)?.Pid ?? throw new FaultFailed($"the launcher has noted no process of {service}");

    public int LauncherPid => Stack.Pid;

    /// <summary>The port on which the service's own process listens for clients.</summary>
    public int PortOf(string service) => RecordOf(service).Port;

    public Uri DirectOf(string service) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{PortOf(service)}"));

    public string PathOf(params string[] parts) => Path.Combine([State, .. parts]);

    public string Secret(string name) => File.ReadAllText(PathOf("secrets", name)).Trim();

    // --- breaking things -------------------------------------------------------------------------------------------------------

    /// <summary>Writes the settings of one service, which holds them once it starts anew.</summary>
    /// <param name="json">In the shape of appsettings.json.</param>
    public void Settings(string service, string json)
    {
        _touched.Add(service);
        Write(ServiceSettings.PathOf(State, service), json);
    }

    /// <summary>Replaces a file; it is put back.</summary>
    public void Write(string path, string text)
    {
        _journal.WillRestore(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Sends a signal; a stopped process goes on at the end.</summary>
    public void Signal(int pid, string signal)
    {
        if (signal == "STOP") _journal.WillContinue(pid);
        if (Programs.Run(["kill", $"-{signal}", $"{pid}"]).ExitCode != 0) throw new FaultFailed($"process {pid} takes no SIG{signal}");
    }

    /// <summary>Keeps the record of a service as it is told, though the service goes on renewing it.</summary>
    /// <remarks>
    /// The service writes a draft beside the record and renames it. Where a folder of that name lies, no draft can be written.
    /// </remarks>
    public void PinRecord(string service, string? text)
    {
        var (path, pid) = (RecordPathOf(service), PidOf(service));
        var draft = $"{path}.{pid}.tmp";
        _journal.WillRestore(path);
        _journal.WillRemove(draft);
        Directory.CreateDirectory(draft);
        if (text is null) File.Delete(path);
        else File.WriteAllText(path, text);
        _touchedRecords.Add(service);
    }

    /// <summary>Puts a proxy in front of a service, at another address of this machine and the same port, and lets the record name it.</summary>
    public FaultProxy Front(string service, ProxyBehaviour behaviour)
    {
        var record = RecordOf(service);
        var proxy = Proxy(new IPEndPoint(IPAddress.Parse(FrontHost), record.Port), new IPEndPoint(IPAddress.Loopback, record.Port), behaviour);
        PinRecord(service, At(record, FrontHost, record.Port));
        return proxy;
    }

    public FaultProxy Proxy(IPEndPoint at, IPEndPoint target, ProxyBehaviour behaviour)
    {
        var proxy = new FaultProxy(at, () => target, behaviour);
        _tools.Add(proxy);
        return proxy;
    }

    /// <summary>The text of a record that names another place for everything.</summary>
    public static string At(DiscoveryRecord record, string host, int port) => Text(record with
    {
        Host = host,
        Port = port,
        ApiUrl = $"http://{host}:{port}",
        WsUrl = record.WsUrl is null ? null : $"ws://{host}:{port}/ws",
        HealthUrl = $"http://{host}:{port}/health/ready",
        LeaseExpiresAt = record.LeaseExpiresAt.AddDays(1),
    });

    public static string Text(DiscoveryRecord record) => JsonSerializer.Serialize(record, WireJson.Default.DiscoveryRecord);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Does something again and again until the fault is undone.</summary>
    public void Keep(TimeSpan every, Action deed) => _tools.Add(new Keeper(every, deed, Time));

    public void Use(IAsyncDisposable tool) => _tools.Add(tool);

    /// <summary>Ends the process of a service at once, and waits for the launcher to start it again.</summary>
    /// <param name="comesBack">Whether it is to be well again; else it is enough that it was started.</param>
    public async Task RestartAsync(string service, bool comesBack, CancellationToken cancellationToken)
    {
        _touched.Add(service);
        var before = PidOf(service);
        Programs.Run(["kill", "-KILL", $"{before}"]);
        await UntilAsync($"the launcher starts {service} again", () => Task.FromResult(Noted(service) is { } now && now.Pid != before), cancellationToken);
        if (comesBack) await UntilAsync($"{service} answers again", () => AnswersAsync(service, cancellationToken), cancellationToken);
    }

    // --- looking, otherwise than the checks do ---------------------------------------------------------------------------------

    /// <returns>Status and body; the status is 0 where there was no answer.</returns>
    public async Task<(int Status, string Body)> AskAsync(Uri url, CancellationToken cancellationToken, string? token = null, HttpContent? content = null)
    {
        try
        {
            using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, url) { Content = content };
            if (token is not null) request.Headers.Authorization = new("Bearer", token);
            using var response = await _http.SendAsync(request, cancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (0, e.Message);
        }
    }

    /// <summary>The answer of auth to a service's own client secret.</summary>
    public async Task<(int Status, string Body)> ServiceTokenAsync(string client, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", $"throughline-{client}"), new("client_secret", Secret($"client-{client}"))]);
        return await AskAsync(new Uri(DirectOf("auth"), "/connect/token"), cancellationToken, content: form);
    }

    /// <summary>Somebody new, signed in, by the addresses that clients are given.</summary>
    public async Task<(SystemUnderTest System, Member Member)> NewMemberAsync(CancellationToken cancellationToken)
    {
        var system = new SystemUnderTest(OptionsFor([]), State, null, isOwn: true, StartedWith);
        _tools.Add(system);
        return (system, await system.Members.SignUpAsync("oracle", cancellationToken));
    }

    public async Task UntilAsync(string what, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30) * _options.Slack);
        using var timer = new PeriodicTimer(LookEvery, Time);
        try
        {
            while (!await isSo()) await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FaultFailed($"it did not come about that {what}");
        }
    }

    // --- putting back ----------------------------------------------------------------------------------------------------------

    /// <summary>Undoes what was done since the stack was well, and waits until it is well again.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await DropToolsAsync();
        _journal.UndoAll(_beforeFault);
        if (_startsAnew || Stack.HasExited)
        {
            _startsAnew = false;
            _touched.Clear(); // all start anew
            await ReplaceStackAsync(cancellationToken);
        }

        foreach (var service in _touched)
            if (Noted(service) is { } now) Programs.Run(["kill", "-KILL", $"{now.Pid}"]);
        var restarted = _touched.ToDictionary(s => s, s => Noted(s)?.Pid);
        foreach (var (service, pid) in restarted) await UntilAsync($"the launcher starts {service} again", () => Task.FromResult(Noted(service) is { } now && now.Pid != pid), cancellationToken);
        _touched.Clear();
        await SettleAsync(cancellationToken);
        if (Services.Any(s => Restarts(s) >= MostRestarts))
        {
            await ReplaceStackAsync(cancellationToken);
            await SettleAsync(cancellationToken);
        }

        _touchedRecords.Clear();
        _journal.UndoAll(_beforeFault); // what was noted while it settled
        foreach (var service in Services) Guard(service);
        _beforeFault = _journal.Mark;
    }

    /// <summary>Waits until every service is ready by its own word, at the address that its record names.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Services) await UntilAsync($"{service} is well", () => AnswersAsync(service, cancellationToken), cancellationToken);
        // Well by its own word, the frontend may yet forward to the place where a service was said to be.
        foreach (var (service, path) in ForwardedPaths) await UntilAsync($"the frontend forwards to {service}", () => IsForwardedAsync(service, path, cancellationToken), cancellationToken);
        // And the backend may yet hold keys that it was given in auth's name.
        await UntilAsync("the backend takes what auth signs", () => IsAcceptedAsync(cancellationToken), cancellationToken);
    }

    /// <summary>The same while something is in place that harms nothing: well at every look for as long as a service may take to notice it.</summary>
    public async Task AdjustAsync(CancellationToken cancellationToken)
    {
        long? since = null;
        await UntilAsync("all stays well", async () =>
        {
            foreach (var service in Services)
                if (!await IsWellAsync(service, cancellationToken))
                {
                    since = null;
                    return false;
                }

            since ??= Time.GetTimestamp();
            return Time.GetElapsedTime(since.Value) >= NoticedWithin;
        }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await DropToolsAsync();
        _journal.UndoAll(_beforeFault);
        if (Stack is not null) await Stack.DisposeAsync();
        _journal.UndoAll(_mark);
        _http.Dispose();
    }

    /// <summary>Notes that the launcher starts anew at the end: a service that kept ending it would start again only after a long pause.</summary>
    public void StartAnew() => _startsAnew = true;

    /// <summary>Notes that a service starts anew at the end, because of what was done to its files.</summary>
    public void Touch(string service) => _touched.Add(service);

    private async Task<bool> AnswersAsync(string service, CancellationToken cancellationToken) =>
        // Its own record, not the one that was put in its place.
        !(_touchedRecords.Contains(service) && _journal.Count > 0 && DiscoveryFiles.Read(State, service).FirstOrDefault()?.LeaseExpiresAt > Time.GetUtcNow().AddMinutes(1))
        && await IsWellAsync(service, cancellationToken);

    private async Task<bool> IsWellAsync(string service, CancellationToken cancellationToken)
    {
        if (DiscoveryFiles.Read(State, service).FirstOrDefault() is not { } record || Noted(service)?.Pid != record.Pid || record.LeaseExpiresAt < Time.GetUtcNow()) return false;
        if (service == "store") return ListeningSockets.Of(record.Pid)?.Contains(record.Port) ?? true;
        var (status, body) = await AskAsync(new Uri(record.HealthUrl!), cancellationToken);
        return status == 200 && body.Contains($"{record.Instance}", StringComparison.OrdinalIgnoreCase) && body.Contains("\"status\":\"healthy\"", StringComparison.Ordinal) && !body.Contains("\"status\":\"degraded\"", StringComparison.Ordinal);
    }

    private async Task<bool> IsForwardedAsync(string service, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(DirectOf("frontend"), path), cancellationToken);
            return response.Headers.TryGetValues("Throughline-Instance", out var instances) && instances.Contains($"{RecordOf(service).Instance}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Whether a token that auth makes now lets in: there is no such user, but that is said only to who may know.</summary>
    private async Task<bool> IsAcceptedAsync(CancellationToken cancellationToken)
    {
        var (status, body) = await ServiceTokenAsync("frontend", cancellationToken);
        return status == 200 && (await AskAsync(new Uri(DirectOf("backend"), $"/internal/users/{Guid.Empty}"), cancellationToken, JsonElement.Parse(body).Text("access_token"))).Status == 404;
    }

    /// <summary>Should everything end here, what was stopped must go on, or it would outlive its launcher.</summary>
    private void Guard(string service)
    {
        if (Noted(service) is { } child) _journal.WillEnd(child.Pid);
    }

    private async Task DropToolsAsync()
    {
        foreach (var tool in Enumerable.Reverse(_tools)) await tool.DisposeAsync();
        _tools.Clear();
    }

    private async Task ReplaceStackAsync(CancellationToken cancellationToken)
    {
        await StopStackAsync();
        await StartStackAsync([], cancellationToken);
        await Stack.ReadyAsync(cancellationToken);
    }

    private int Restarts(string service) => Stack.Events.Count(e => e.Event.FindText("service") == service && string.Equals(e.Event.FindText("state"), "restarting", StringComparison.OrdinalIgnoreCase));

    private (int Pid, DateTimeOffset StartedAt)? Noted(string service)
    {
        try
        {
            var child = StackProcesses.ChildrenOf(State).LastOrDefault(c => c.Name == service);
            return child.Name is null ? null : (child.Pid, child.StartedAt);
        }
        catch (Exception e) when (e is IOException or JsonException or Refutation)
        {
            return null;
        }
    }

    private sealed class Keeper : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Keeper(TimeSpan every, Action deed, TimeProvider time) => _running = RunAsync(every, deed, time);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task RunAsync(TimeSpan every, Action deed, TimeProvider time)
        {
            using var timer = new PeriodicTimer(every, time);
            do deed();
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
    }
}

/// <summary>A fault could not be brought about or undone: nothing is said of the checks.</summary>
internal sealed class FaultFailed(string reason) : Exception(reason);

/// <summary>A program that runs until the fault is undone, such as one that holds a lock.</summary>
internal sealed class RunningTool : IAsyncDisposable
{
    private readonly Process _process;

    public RunningTool(Rig rig, IReadOnlyList<string> argv, string input)
    {
        _process = Process.Start(new ProcessStartInfo(argv[0], argv.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        rig.Journal.WillEnd(_process.Id);
        _process.StandardInput.Write(input);
        _process.StandardInput.Flush();
    }

    public int Pid => _process.Id;

    /// <summary>Waits until it prints the line.</summary>
    /// <exception cref="FaultFailed">It ended without, and said why.</exception>
    public async Task SaysAsync(string line, CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } said)
            if (said == line) return;
        throw new FaultFailed($"{_process.StartInfo.FileName} ended: {(await _process.StandardError.ReadToEndAsync(cancellationToken)).Trim()}");
    }

    public bool HasExited => _process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
