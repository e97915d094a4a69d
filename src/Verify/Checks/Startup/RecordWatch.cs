using System.Collections.Concurrent;
using System.Text.Json;
using Throughline.Contracts.Http;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Startup;

/// <summary>Looks at each record the moment it appears: whoever reads it then must be served.</summary>
internal sealed class RecordWatch(string state, TimeProvider time) : IDisposable
{
    private static readonly string[] Services = ["auth", "backend", "frontend"];
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Guid?> _before = Services.ToDictionary(s => s, s => DiscoveryFiles.Read(state, s).FirstOrDefault()?.Instance);

    /// <summary>Service → what was wrong when its record appeared; null for nothing.</summary>
    public ConcurrentDictionary<string, string?> Seen { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        using var http = new HttpMessageInvoker(new LostConnections(new SocketsHttpHandler { UseProxy = false }));
        using var timer = new PeriodicTimer(Every, time);
        var looks = new List<Task>();
        try
        {
            while (Seen.Count < Services.Length && await timer.WaitForNextTickAsync(both.Token))
                foreach (var service in Services)
                    if (!Seen.ContainsKey(service) && DiscoveryFiles.Read(state, service).FirstOrDefault() is { } record && record.Instance != _before[service])
                    {
                        Seen[service] = null;
                        looks.Add(LookAsync(service, record));
                    }
        }
        catch (OperationCanceledException)
        {
            // All that was to be seen was seen.
        }

        await Task.WhenAll(looks);

        async Task LookAsync(string service, Contracts.Discovery.DiscoveryRecord record)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, record.HealthUrl);
                using var response = await http.SendAsync(request, cancellationToken);
                var health = JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
                if (!response.IsSuccessStatusCode) Seen[service] = $"its readiness was {(int)response.StatusCode}";
                else if (health.FindText("instance") != $"{record.Instance}") Seen[service] = "another instance answered";
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                Seen[service] = e.Message;
            }
        }
    }

    public async Task StopAsync(Task watching)
    {
        await _stop.CancelAsync();
        await watching;
    }

    public void Dispose() => _stop.Dispose();
}
