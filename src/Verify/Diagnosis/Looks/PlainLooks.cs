using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Throughline.Verify.Looks;

/// <summary>The discovery record beside the operating system's sockets and who answers there.</summary>
internal sealed class RecordLook(string service) : Look($"record.{service}", $"The discovery record of {service}")
{
    public override Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken) => scene.System.LookAtRecordAsync(service, cancellationToken);
}

/// <summary>What the service says of itself and of what it needs, asked at its own process, else where its record points.</summary>
internal sealed class ReadinessLook(string service) : Look($"health.{service}", $"What {service} says of itself")
{
    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        if ((scene.DirectOf(service) ?? scene.GivenOf(service)) is not { } address) return;
        var url = new Uri(address, "/health/ready");
        var answer = await scene.System.Web.GetAsync(url, null, cancellationToken);
        var checks = answer.Json.Find("checks") is { ValueKind: JsonValueKind.Object } all ? all.EnumerateObject().ToList() : [];
        probe.Add(new HealthLook(
            probe.Now, service, url.AbsoluteUri, answer.Json.FindText("status"),
            checks.ToDictionary(c => c.Name, c => $"{c.Value.FindText("status")}{(c.Value.FindText("error") is { } error ? $": {error}" : "")}"),
            answer.Exchange.From)
        {
            LatencyMs = checks.ToDictionary(c => c.Name, c => c.Value.Find("latencyMs") is { ValueKind: JsonValueKind.Number } ms ? ms.GetDouble() : 0),
        });
    }
}

/// <summary>A key for a second, kept by a script and with this state's password: a store that takes no writes, or no scripts, answers every PING.</summary>
internal sealed class StoreAnswerLook() : Look("store", "Whether the key-value store answers")
{
    /// <summary>One that hangs at times answers some at once, so it is asked several times, and not all in one moment.</summary>
    private const int Asked = 5;

    /// <summary>What the script gives.</summary>
    private const string Done = ":1";

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        var redis = scene.System.OperatorsRedis;
        if ((redis is null ? scene.GivenOf("store") : new Uri($"redis://{redis}")) is not { } address) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within);
        var (failure, said, elapsed) = ((ExchangeFailure?)null, (string?)Done, new List<double>());
        try
        {
            while (said == Done && elapsed.Count < Asked)
            {
                if (elapsed.Count > 0) await Task.Delay(Between, scene.System.Time, limit.Token);
                var began = Stopwatch.GetTimestamp();
                said = await KeepAsync(address, scene.System.ReadSecret(redis is null ? "store-password" : "redis-password"), limit.Token);
                elapsed.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException) when (elapsed.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            // Slow, but there.
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            (failure, said) = (Web.FailureOf(e), e.Message);
        }

        var answers = said == Done;
        probe.Add(new StoreLook(probe.Now, $"{address.Host}:{address.Port}", answers, failure, answers ? null : said ?? "it closed the connection", Math.Round(elapsed.Order().ElementAtOrDefault(elapsed.Count / 2), 1), IsOperators: redis is not null));
    }

    /// <summary>As the protocol writes it: https://redis.io/docs/latest/develop/reference/protocol-spec/.</summary>
    private static string Command(params string[] words) => $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"))}";

    private static async Task<string?> KeepAsync(Uri store, string? password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(store.Host, store.Port, cancellationToken);
        await using var stream = client.GetStream();
        var commands = (password is null ? "" : Command("AUTH", password)) + Command("EVAL", "redis.call('SET', KEYS[1], 1, 'PX', 1000) return 1", "1", $"throughline:verify:{Guid.NewGuid():N}");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(commands), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string? line = null;
        for (var expected = password is null ? 1 : 2; expected > 0; expected--)
        {
            line = await reader.ReadLineAsync(cancellationToken);
            if (line is null or ['-', ..]) return line;
        }

        return line;
    }
}

/// <summary>The database file: there, a database, writable, with room, and held by nobody else.</summary>
internal sealed class DatabaseFileLook(string service) : Look($"database.{service}", $"The database file of {service}")
{
    private static readonly byte[] Header = "SQLite format 3\0"u8.ToArray(); // https://www.sqlite.org/fileformat.html

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        var path = Path.Combine(scene.System.StateRoot!, $"{service}.db");
        var isThere = File.Exists(path);
        bool? isDatabase = null;
        if (isThere)
        {
            var buffer = new byte[Header.Length];
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            isDatabase = read == 0 || (read == buffer.Length && buffer.AsSpan().SequenceEqual(Header)); // an empty one is one that is about to be
        }

        var holder = isThere ? FileLocks.ForeignWriterOf(path, scene.Noted(service)?.Pid) : null;
        probe.Add(new DatabaseLook(
            probe.Now, service, path, isThere, isDatabase, isThere && CanWrite(path), new DriveInfo(scene.System.StateRoot!).AvailableFreeSpace, holder?.Pid, holder is { } h ? $"process {h.Pid} ({h.Name})" : null,
            scene.Noted(service) is { } process ? DeletedFiles.HeldBy(process.Pid, path) : null));
    }

    private static bool CanWrite(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}

/// <summary>Locks on files, as the kernel lists them.</summary>
internal static class FileLocks
{
    /// <summary>A process other than the owner that holds the lock for writing on an SQLite database, in either of its two ways.</summary>
    /// <remarks><c>1: POSIX  ADVISORY  WRITE 4711 fe:00:131 120 120</c>; byte 120 of the <c>-shm</c> file is the writer's lock in WAL mode (wal.c, WAL_WRITE_LOCK).</remarks>
    public static (int Pid, string Name)? ForeignWriterOf(string path, int? owner)
    {
        if (!File.Exists("/proc/locks")) return null;
        var inodes = new[] { path, $"{path}-shm" }.Select(InodeOf).OfType<string>().ToHashSet();
        foreach (var line in File.ReadLines("/proc/locks"))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 8 || parts[1] == "->" || parts[3] != "WRITE" || !inodes.Contains(parts[5].Split(':')[^1])) continue;
            if (!int.TryParse(parts[4], CultureInfo.InvariantCulture, out var pid) || pid == owner || pid <= 0) continue;
            return (pid, NameOf(pid));
        }

        return null;
    }

    /// <remarks>The runtime does not tell it; the kernel does, of an open descriptor: <c>ino:	131</c>.</remarks>
    private static string? InodeOf(string path)
    {
        if (!File.Exists(path)) return null;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var info = $"/proc/self/fdinfo/{file.DangerousGetHandle()}";
        return File.Exists(info) ? File.ReadLines(info).FirstOrDefault(l => l.StartsWith("ino:", StringComparison.Ordinal))?[4..].Trim() : null;
    }

    private static string NameOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return "?";
        }
    }
}

/// <summary>The clock that its answers show.</summary>
internal sealed class ClockOf(string service) : Look($"clock.{service}", $"The clock of {service}")
{
    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        if (scene.GivenOf(service) is { } address) await scene.System.LookAtClockAsync(service, address, cancellationToken);
    }
}

/// <summary>The names in the addresses that clients are given, and where the operating system says that they lead.</summary>
internal sealed class NamesLook() : Look("names", "Where the names in addresses lead")
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5); // as long as a resolver waits for its first server: resolv.conf(5)

    public override Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        var hosts = scene.Services.Select(scene.GivenOf).Append(scene.System.OperatorsRedis is { } redis ? new Uri($"redis://{redis}") : null)
            .OfType<Uri>().Where(address => address.HostNameType == UriHostNameType.Dns).Select(address => address.Host).Distinct();
        return Task.WhenAll(hosts.Select(async host => probe.Add(await LookAsync(host, probe, cancellationToken))));
    }

    private static async Task<NameLook> LookAsync(string host, Probe probe, CancellationToken cancellationToken)
    {
        try
        {
            return new NameLook(probe.Now, host, [.. (await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(Within, cancellationToken)).Select(a => a.ToString())]);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return new NameLook(probe.Now, host, [], e is TimeoutException ? $"no name server answered within {Within.TotalSeconds:0} s" : e.Message);
        }
    }
}

internal sealed class MachineState() : Look("machine", "The machine")
{
    public override Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        probe.Add(new MachineLook(probe.Now, Environment.ProcessorCount, MachineNote.Load(), new DriveInfo(scene.System.StateRoot!).AvailableFreeSpace));
        return Task.CompletedTask;
    }
}

/// <summary>The breakers, as the backend tells them to somebody who is signed in.</summary>
internal sealed class BreakerStates() : Look("breakers", "The backend's circuit breakers")
{
    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        if ((scene.DirectOf("backend") ?? scene.GivenOf("backend")) is not { } backend || scene.System.Members.Signed is not { } member) return;
        var answer = (await scene.System.Web.GetAsync(new Uri(backend, "/api/breakers"), await member.GetAsync(cancellationToken), cancellationToken)).Expect(200);
        probe.Add(new BreakerLook(probe.Now, "backend", answer.Json.Items().ToDictionary(b => b.Text("dependency"), b => b.Text("state"))));
    }
}
