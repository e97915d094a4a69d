using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>Publishes this service: after it listens and is ready, from the bound socket, under a lease that it renews; removed on stop.</summary>
internal sealed partial class DiscoveryWriter(
    ServiceIdentity identity, StateFolder state, IBoundAddress address, Readiness readiness, IHostApplicationLifetime lifetime,
    IConfiguration configuration, TimeProvider time, ILogger<DiscoveryWriter> logger, IEnumerable<ISigningKeyIds> signingKeys) : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadyProbe = TimeSpan.FromMilliseconds(25);

    private string? _published;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Remove();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            while ((await readiness.CheckAsync(stoppingToken)).Status == HealthStatus.Unhealthy)
                await Task.Delay(ReadyProbe, time, stoppingToken);

            var url = ReachableAt(address.Current);
            using var renewal = new PeriodicTimer(Renewal, time);
            do
            {
                Publish(url);
            }
            while (await renewal.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped; StopAsync removes the record.
        }
    }

    /// <summary>All addresses at once are none that somebody could call, and who has a certificate is called by the name that it is for.</summary>
    private Uri ReachableAt(Uri bound)
    {
        var isAny = IPAddress.TryParse(bound.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
        var host = bound is { Scheme: "https", IsLoopback: false } && TokenOptions.OriginElsewhere(configuration["Auth:Issuer"]) is { } origin ? new Uri(origin).Host
            : !isAny ? bound.Host
            : ip!.AddressFamily == AddressFamily.InterNetwork ? "127.0.0.1" : "[::1]";
        return new UriBuilder(bound) { Host = host }.Uri;
    }

    private void Publish(Uri url)
    {
        var name = DiscoveryFiles.NameOf(identity.Service, identity.Node);
        try
        {
            var path = state.PathOf(DiscoveryFiles.Folder, name); // makes the folder, should somebody have removed it
            DiscoveryFiles.Write(path, Describe(url));
            if (_published is null)
                Log.Published(logger, identity.Service, url);
            _published = path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It must not end the service; the lease runs out if this goes on.
            Log.NotPublished(logger, name, e.Message);
        }
    }

    private DiscoveryRecord Describe(Uri url)
    {
        var api = url.GetLeftPart(UriPartial.Authority);
        var isWeb = url.Scheme is "http" or "https";
        var ws = url.Scheme == "https" ? "wss" : "ws";
        return new DiscoveryRecord(
            identity.Service, identity.Instance, identity.Run, identity.Pid, ProcessIdentity.StartedAt, url.Host, url.Port, api,
            identity.WebSocketPath is { } path ? $"{ws}://{url.Authority}{path}" : null,
            isWeb ? $"{api}/health/ready" : null,
            identity.Version, 1, signingKeys.SelectMany(k => k.Current).Distinct().ToList(), time.GetUtcNow() + Lease, ProcessIdentity.Namespace,
            isWeb ? $"{address.Metrics.GetLeftPart(UriPartial.Authority)}/metrics" : null);
    }

    private void Remove()
    {
        // Only our own record: a successor may have published already.
        if (_published is { } path && DiscoveryFiles.TryRead(path)?.Instance == identity.Instance)
            File.Delete(path);
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var arm = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Service} is ready at {Url}")]
        public static partial void Published(ILogger logger, string service, Uri url);

        [LoggerMessage(2, LogLevel.Error, "The discovery record {Name} could not be written: {Reason}")]
        public static partial void NotPublished(ILogger logger, string name, string reason);
    }
}
