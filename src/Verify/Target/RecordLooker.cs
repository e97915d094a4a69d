using System.Text.Json;
using Throughline.Contracts.Discovery;
using Throughline.Contracts.Http;
using Throughline.ServiceDefaults;

namespace Throughline.Verify;

/// <summary>Compares a discovery record with the operating system's sockets and with who answers at its address.</summary>
internal static class RecordLooker
{
    public static async Task<DiscoveryLook> LookAsync(SystemUnderTest system, string service, CancellationToken cancellationToken)
    {
        var path = Path.Combine(system.StateRoot!, DiscoveryFiles.Folder, $"{service}.json");
        var look = system.RecordOf(service) is { } record
            ? await LookAsync(system, record, path, cancellationToken)
            : new DiscoveryLook(system.Time.GetUtcNow(), service, path, null, null, null, null, null, null, null, null, null, null, File.Exists(path) ? "it is no record" : "there is none", null, []);
        Probe.Current?.Add(look);
        return look;
    }

    private static async Task<DiscoveryLook> LookAsync(SystemUnderTest system, DiscoveryRecord record, string path, CancellationToken cancellationToken)
    {
        var isHere = record.PidNamespace == ProcessIdentity.Namespace;
        using var http = new HttpMessageInvoker(new LostConnections(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }));
        var rejection = await new RecordVerifier(http, system.Time, () => system.ReadSecret("store-password")).RejectAsync(record, cancellationToken);
        var ports = isHere ? ListeningSockets.Of(record.Pid) : null;
        if (rejection is null && ports is not null && !ports.Contains(record.Port))
            rejection = $"process {record.Pid} does not listen on {record.Port}";
        var answering = await WhoAnswersAsync(http, record.ApiUrl, cancellationToken);
        return new DiscoveryLook(
            system.Time.GetUtcNow(), record.Service, path, record.Instance, record.Pid,
            isHere ? ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt) : null, record.Port, record.ApiUrl, record.WsUrl, record.LeaseExpiresAt, ports,
            isHere && ListeningSockets.HolderOf(record.Port) is { } holder ? $"process {holder.Pid} ({holder.Name})" : null,
            answering, rejection, rejection is null ? null : await FindAsync(http, record, ports ?? [], cancellationToken), record.SigningKeyIds);
    }

    /// <summary>Where the recorded instance answers, if not where its record says.</summary>
    private static async Task<int?> FindAsync(HttpMessageInvoker http, DiscoveryRecord record, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        foreach (var port in ports)
            if ((await WhoAnswersAsync(http, $"http://{record.Host}:{port}", cancellationToken))?.Instance == record.Instance) return port;
        return null;
    }

    private static async Task<Answerer?> WhoAnswersAsync(HttpMessageInvoker http, string url, CancellationToken cancellationToken)
    {
        if (!url.StartsWith("http", StringComparison.Ordinal)) return null; // the store has no such page
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/health/live");
            using var response = await http.SendAsync(request, limit.Token);
            var json = JsonElement.Parse(await response.Content.ReadAsStringAsync(limit.Token));
            return new Answerer(json.FindText("service"), Guid.TryParse(json.FindText("instance"), out var id) ? id : null, (int?)json.Find("pid")?.GetInt32());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
