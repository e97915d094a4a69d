using System.Net.Sockets;
using Throughline.Launcher.Stack;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Doctor;

/// <summary>What the configuration says to use must answer.</summary>
internal static class DependencyChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Task<Finding> PostgresAsync(string postgres, CancellationToken cancellationToken)
    {
        var (host, port) = ExternalPostgres.EndpointOf(postgres);
        return ReachAsync("PostgreSQL", host, port, "Start the server, or leave out --postgres to use SQLite.", cancellationToken);
    }

    public static Task<Finding> RedisAsync(string redis, CancellationToken cancellationToken)
    {
        var address = ExternalRedis.AddressOf(redis);
        var colon = address.LastIndexOf(':');
        return ReachAsync("Redis", address[..colon], int.Parse(address.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture),
            "Start the server, or leave out --redis to use the embedded store.", cancellationToken);
    }

    /// <summary>The model's endpoint, as the backend's own configuration names it.</summary>
    public static async Task<Finding> ModelAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("Model__Endpoint") is not { Length: > 0 } endpoint)
            return Finding.Good("model", "none is configured: agents answer without one");
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var url)
            ? await ReachAsync("model", url.Host, url.Port, "Answers are phrased without a model until it is back.", cancellationToken) is { Verdict: Verdict.Bad } away
                ? Finding.Warning("model", away.Text, away.Remedy!)
                : Finding.Good("model", $"{url.Authority} answers")
            : Finding.Bad("model", $"Model__Endpoint is '{endpoint}', which is no URL", "Set it to the base address of an OpenAI-compatible API.", ExitCode.Configuration);
    }

    private static async Task<Finding> ReachAsync(string subject, string host, int port, string remedy, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, limit.Token);
            return Finding.Good(subject, $"{host}:{port} answers");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Finding.Bad(subject, $"{host}:{port} does not answer: {e.Message}", remedy, ExitCode.MissingDependency);
        }
    }
}
