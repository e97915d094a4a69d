using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.Contracts.Http;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Looks;

/// <summary>Whether the process lives, what the kernel says it does, where it listens, whether it answers there, and who stands in front.</summary>
internal sealed class ProcessState(string service) : Look($"process.{service}", $"The process of {service}")
{
    private const int Samples = 6;

    /// <summary>Of a process that is found stopped: long enough to see whether it stays so.</summary>
    private const int SamplesOfStopped = 24;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>On one machine the kernel itself answers; a first packet that was lost is sent again after a second.</summary>
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(2);

    /// <summary>Long enough to see a launcher start it again, and it end again.</summary>
    private static readonly TimeSpan Comeback = TimeSpan.FromSeconds(2);

    /// <summary>One that is no older and does not answer is starting: whether it gets there, or says why not, is waited for.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Starts = TimeSpan.FromSeconds(4);

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        var time = scene.System.Time;
        var first = scene.Noted(service);
        var (states, pids) = await WatchAsync(scene, first, cancellationToken);
        var now = pids.Count > 0 ? scene.Noted(service) : first;
        var (isAlive, ports, direct, failure) = await SettledAsync(now, time, cancellationToken);
        var holder = HolderOf(scene, now?.Pid);
        var launcher = scene.Noted("launcher");
        var (maxFiles, mostFiles) = isAlive ? FileLimits.Of(now!.Value.Pid) : default;
        var look = new ServiceLook(
            time.GetUtcNow(), service, now?.Pid, isAlive, states, pids, ports, direct, failure, isAlive ? Count($"/proc/{now!.Value.Pid}/fd") : null, maxFiles, mostFiles,
            holder?.Pid, holder is { } h ? $"process {h.Pid} ({h.Name})" : null, LastWord.Of(scene.System.StateRoot!, service),
            launcher?.Pid, launcher is { } l && ProcessIdentity.IsAlive(l.Pid, l.StartedAt), launcher is { } running ? ProcessIdentity.StateOf(running.Pid) : null, now?.StartedAt,
            now is { } started ? LastWord.DeathBefore(scene.System.StateRoot!, service, started.StartedAt) : null,
            isAlive ? await BarredAsync(scene.GivenOf(service), now!.Value.Pid, time, cancellationToken) : null);
        scene.Note(look);
        probe.Add(look);
    }

    private async Task<(bool IsAlive, IReadOnlyList<int> Ports, string? Direct, ExchangeFailure? Failure)> SettledAsync((int Pid, DateTimeOffset StartedAt)? process, TimeProvider time, CancellationToken cancellationToken)
    {
        if (process is not { } one) return (false, [], null, null);
        var began = time.GetTimestamp();
        while (true)
        {
            var isAlive = ProcessIdentity.IsAlive(one.Pid, one.StartedAt);
            var ports = isAlive ? ListeningSockets.Of(one.Pid) ?? [] : [];
            var (direct, failure) = isAlive && service != "store" ? await AnswersAsync(ports, one.Pid, time, cancellationToken) : (null, null);
            var isStarting = isAlive && service != "store" && direct is null && failure is not ExchangeFailure.TimedOut && time.GetUtcNow() - one.StartedAt < Young;
            if (!isStarting || time.GetElapsedTime(began) > Starts) return (isAlive, ports, direct, failure);
            await Task.Delay(Between, time, cancellationToken);
        }
    }

    private async Task<(IReadOnlyList<string> States, IReadOnlyList<int> Pids)> WatchAsync(Scene scene, (int Pid, DateTimeOffset StartedAt)? first, CancellationToken cancellationToken)
    {
        var (states, pids) = (new List<string>(), new List<int>());
        using var timer = new PeriodicTimer(Between, scene.System.Time);
        var began = scene.System.Time.GetTimestamp();
        do
        {
            var noted = scene.Noted(service);
            if (noted is { } n && n.Pid != first?.Pid && !pids.Contains(n.Pid)) pids.Add(n.Pid);
            if (noted is { } p && ProcessIdentity.StateOf(p.Pid) is { } state) states.Add(state);
            var isGone = noted is not { } known || !ProcessIdentity.IsAlive(known.Pid, known.StartedAt);
            // One that is there is seen soon; one that is gone may be coming back, again and again.
            if (!isGone && pids.Count == 0 ? states.Count >= (states.Contains("T") ? SamplesOfStopped : Samples) : scene.System.Time.GetElapsedTime(began) > Comeback) break;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));

        return (states, pids);
    }

    /// <summary>Asks at each port of the process for the page that says who it is.</summary>
    private static async Task<(string? Url, ExchangeFailure? Failure)> AnswersAsync(IReadOnlyList<int> ports, int pid, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(new LostConnections(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = AnswerWithin }));
        ExchangeFailure? failure = null;
        var answers = await Task.WhenAll(ports.Select(async port =>
        {
            using var limit = new CancellationTokenSource(AnswerWithin, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/health/live"));
                using var response = await http.SendAsync(request, both.Token);
                var json = JsonElement.Parse(await response.Content.ReadAsStringAsync(both.Token));
                return json.Find("pid")?.GetInt32() == pid ? $"http://127.0.0.1:{port}" : null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException)
            {
                if (Web.FailureOf(e) is ExchangeFailure.TimedOut or ExchangeFailure.Refused) failure = Web.FailureOf(e);
                return null;
            }
        }));
        var url = answers.FirstOrDefault(a => a is not null);
        return (url, url is null ? failure : null);
    }

    /// <summary>The system says that the process listens there and takes what comes, and yet no connection comes about.</summary>
    private static async Task<ExchangeFailure?> BarredAsync(Uri? given, int pid, TimeProvider time, CancellationToken cancellationToken)
    {
        if (given is null) return null;
        foreach (var address in IPAddress.TryParse(given.Host, out var own) ? [own] : given.Host == "localhost" ? (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback] : [])
        {
            if (ListeningSockets.HolderOf(address, given.Port)?.Pid != pid) continue;
            using var limit = new CancellationTokenSource(ConnectWithin, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            using var client = new TcpClient(address.AddressFamily);
            try
            {
                await client.ConnectAsync(address, given.Port, both.Token);
            }
            catch (SocketException) when (ListeningSockets.HolderOf(address, given.Port)?.Pid == pid)
            {
                return ExchangeFailure.Refused;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && ListeningSockets.WaitingAt(address, given.Port) == 0)
            {
                return ExchangeFailure.TimedOut;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // It ended meanwhile, or takes none of those that wait already: its own matter.
            }
        }

        return null;
    }

    private (int Pid, string Name)? HolderOf(Scene scene, int? own) =>
        scene.GivenOf(service) is { } given && IPAddress.TryParse(given.Host, out var address) && ListeningSockets.HolderOf(address, given.Port) is { } holder && holder.Pid != own
            ? holder
            : null;

    private static int? Count(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
