using System.Text.Json.Serialization;

namespace Throughline.Contracts.Discovery;

/// <summary>Where one running service listens; protocol §1. Written by the service itself from its bound socket.</summary>
/// <param name="Service"><c>store</c>, <c>auth</c>, <c>backend</c> or <c>frontend</c>.</param>
/// <param name="Instance">UUIDv7 made at this start; every response carries it in <c>Throughline-Instance</c>.</param>
/// <param name="Run">UUIDv7 of the launcher's run.</param>
/// <param name="ApiUrl">Base address for HTTP; for the store, <c>redis://host:port</c>.</param>
/// <param name="WsUrl">The WebSocket address, where the service has one.</param>
/// <param name="Contract">Version of this record's shape.</param>
/// <param name="SigningKeyIds">Keys that auth publishes or that a verifier holds.</param>
/// <param name="LeaseExpiresAt">The record is void after this instant unless its writer renewed it.</param>
/// <param name="MetricsUrl">Where Prometheus reads its metrics: on this machine, and never at the public origin.</param>
/// <param name="PidNamespace">Machine and pid namespace of the writer: only a reader in the same one can tell whether the pid lives.</param>
public sealed record DiscoveryRecord(
    [property: JsonPropertyName("service")] string Service,
    [property: JsonPropertyName("instance")] Guid Instance,
    [property: JsonPropertyName("run")] Guid Run,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("process_started_at")] DateTimeOffset ProcessStartedAt,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("port")] int Port,
    [property: JsonPropertyName("api_url")] string ApiUrl,
    [property: JsonPropertyName("ws_url")] string? WsUrl,
    [property: JsonPropertyName("health_url")] string? HealthUrl,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("contract")] int Contract,
    [property: JsonPropertyName("signing_key_ids")] IReadOnlyList<string> SigningKeyIds,
    [property: JsonPropertyName("lease_expires_at")] DateTimeOffset LeaseExpiresAt,
    [property: JsonPropertyName("pid_namespace")] string? PidNamespace = null,
    [property: JsonPropertyName("metrics_url")] string? MetricsUrl = null);

/// <summary>Answer of <c>GET /health/live</c>, and with <paramref name="Checks"/> of <c>GET /health/ready</c>.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
public sealed record HealthReport(
    string Status, string Service, Guid Instance, int Pid, string Version, IReadOnlyDictionary<string, DependencyHealth>? Checks = null);

/// <param name="LatencyMs">How long the probe took, milliseconds.</param>
/// <param name="Error">What is wrong, where the dependency is not healthy.</param>
public sealed record DependencyHealth(string Status, double LatencyMs, string? Error = null);
