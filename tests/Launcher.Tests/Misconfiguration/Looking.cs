using System.Net.Http.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>What a service that goes on says of a fault in its readiness.</summary>
internal static class Looking
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a check has this status, and returns it.</summary>
    public static async Task<DependencyHealth> UntilAsync(
        ServiceProcess service, string check, Func<DependencyHealth, bool> isWanted, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service.Url };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        DependencyHealth? last = null;
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (true)
            {
                using var response = await http.GetAsync("/health/ready", limit.Token);
                last = (await response.Content.ReadFromJsonAsync(WireJson.Default.HealthReport, limit.Token))!.Checks![check];
                if (isWanted(last)) return last;
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{check} did not become so within {Patience.TotalSeconds} s; last it was {last}.\n{service.Program.Transcript}");
        }
    }
}
