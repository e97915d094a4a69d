using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

internal sealed class ServiceDirectory : IServiceDirectory, IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<Guid, Verified> _verified = new();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private readonly RecordVerifier _verifier;
    private readonly StateFolder _state;
    private readonly IConfiguration _configuration;
    private readonly TimeProvider _time;

    public ServiceDirectory(StateFolder state, IConfiguration configuration, TimeProvider time)
    {
        _state = state;
        _configuration = configuration;
        _time = time;
        _verifier = new RecordVerifier(_http, time, () => state.TryReadSecret("store-password"));
    }

    public async ValueTask<DiscoveryRecord?> FindAsync(string service, CancellationToken cancellationToken)
    {
        if (FromConfiguration(service) is { } configured)
            return configured;
        foreach (var record in DiscoveryFiles.Read(_state.Root, service))
            if (await HoldsAsync(record, cancellationToken))
                return record;
        return null;
    }

    public async ValueTask<IReadOnlyList<DiscoveryRecord>> FindAllAsync(string service, CancellationToken cancellationToken)
    {
        if (FromConfiguration(service) is { } configured)
            return [configured];
        var records = DiscoveryFiles.Read(_state.Root, service).ToList();
        var holds = await Task.WhenAll(records.Select(r => HoldsAsync(r, cancellationToken)));
        return records.Where((_, i) => holds[i]).ToList();
    }

    public void Doubt(DiscoveryRecord record) => _verified.TryRemove(record.Instance, out _);

    public async ValueTask<string?> ExplainAsync(string service, CancellationToken cancellationToken)
    {
        if (FromConfiguration(service) is { } configured)
            return $"{configured.ApiUrl} (Services:{service}) does not answer: start {service}, or set Services:{service} to its address.";
        var reason = $"{service} is not running: start it, for example with `throughline up`.";
        foreach (var record in DiscoveryFiles.Read(_state.Root, service))
        {
            if (await _verifier.RejectAsync(record, cancellationToken) is not { } fault)
                return null;
            reason = $"The discovery record of {service} is stale, {fault}: start {service}, which replaces it.";
        }

        return reason;
    }

    public async Task<DiscoveryRecord> WaitForAsync(string service, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(service, cancellationToken) is { } record)
                return record;
            await Task.Delay(LookAgain, _time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> HoldsAsync(DiscoveryRecord record, CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        if (_verified.TryGetValue(record.Instance, out var seen) && seen.ApiUrl == record.ApiUrl && _time.GetElapsedTime(seen.At, now) < Fresh)
            return true;

        var holds = await _verifier.RejectAsync(record, cancellationToken) is null;
        if (holds)
            _verified[record.Instance] = new Verified(record.ApiUrl, now);
        else
            _verified.TryRemove(record.Instance, out _);
        return holds;
    }

    /// <summary>Without a launcher, <c>Services:&lt;name&gt;</c> says where a service is; whoever set it answers for it.</summary>
    private DiscoveryRecord? FromConfiguration(string service)
    {
        if (_configuration[$"Services:{service}"] is not { Length: > 0 } text || !Uri.TryCreate(text, UriKind.Absolute, out var url))
            return null;
        var api = url.GetLeftPart(UriPartial.Authority);
        return new DiscoveryRecord(
            service, Guid.Empty, Guid.Empty, 0, DateTimeOffset.UnixEpoch, url.Host, url.Port, api,
            service is "backend" or "frontend" ? $"{(url.Scheme == "https" ? "wss" : "ws")}://{url.Authority}/ws" : null,
            $"{api}/health/ready", "", 1, [], DateTimeOffset.MaxValue);
    }

    private sealed record Verified(string ApiUrl, long At);
}
