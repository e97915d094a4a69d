using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Discovery;
using Throughline.Contracts.Http;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>What one look at a service found.</summary>
/// <param name="Status">One of <see cref="HealthStatus"/>.</param>
/// <param name="Reason">In words, where it is not healthy.</param>
internal sealed record ProbeResult(string Status, string? Reason = null, HealthReport? Report = null);

/// <summary>Looks at services from outside, the way any client would.</summary>
internal sealed class ServiceProbe(StateDirectory state, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new LostConnections(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }));

    /// <summary>The record that this very process has published; null until it has.</summary>
    public DiscoveryRecord? RecordOf(ServiceSpec spec, int pid) =>
        DiscoveryFiles.TryRead(state.PathOf(DiscoveryFiles.Folder, DiscoveryFiles.NameOf(spec.Service, spec.Node))) is { } record && record.Pid == pid
            ? record
            : null;

    public Task<ProbeResult> LookAsync(DiscoveryRecord record, CancellationToken cancellationToken) =>
        record.HealthUrl is { } url ? AskAsync(url, record.Instance, cancellationToken) : VerifyAsync(record, cancellationToken);

    /// <summary>Asks a service that has published nothing yet what it is waiting for.</summary>
    public Task<ProbeResult> LookAtPortAsync(int port, CancellationToken cancellationToken) =>
        AskAsync($"http://127.0.0.1:{port}/health/ready", instance: null, cancellationToken);

    public async Task<ProbeResult> VerifyAsync(DiscoveryRecord record, CancellationToken cancellationToken)
    {
        var reason = await new RecordVerifier(_http, time, ReadStorePassword).RejectAsync(record, cancellationToken);
        return reason is null ? new ProbeResult(HealthStatus.Healthy) : new ProbeResult(HealthStatus.Unhealthy, reason);
    }

    /// <summary>What auth tells its sign-in pages; null where it does not answer.</summary>
    public async Task<SignInOptions?> AskSignInOptionsAsync(DiscoveryRecord auth, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{auth.ApiUrl}/auth/options");
            using var response = await _http.SendAsync(request, limit.Token);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            return response.IsSuccessStatusCode ? await JsonSerializer.DeserializeAsync(body, WireJson.Default.SignInOptions, limit.Token) : null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is OperationCanceledException or HttpRequestException or JsonException or IOException)
        {
            return null; // its own state says what is wrong with it
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<ProbeResult> AskAsync(string url, Guid? instance, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await _http.SendAsync(request, limit.Token);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            var report = await JsonSerializer.DeserializeAsync(body, WireJson.Default.HealthReport, limit.Token);
            if (report is null || (instance is not null && report.Instance != instance))
                return new ProbeResult(HealthStatus.Unhealthy, $"{url} is answered by another program");
            return new ProbeResult(report.Status, ReasonOf(report), report);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeResult(HealthStatus.Unhealthy, $"{url} did not answer within 3 s");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
        {
            return new ProbeResult(HealthStatus.Unhealthy, $"{url}: {e.Message}");
        }
    }

    private static string? ReasonOf(HealthReport report)
    {
        var bad = report.Checks?.Where(c => c.Value.Status != HealthStatus.Healthy).Select(c => $"{c.Key}: {c.Value.Error ?? c.Value.Status}").ToList();
        return bad is { Count: > 0 } ? string.Join("; ", bad) : null;
    }

    private string? ReadStorePassword()
    {
        var path = state.PathOf("secrets", "store-password");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
