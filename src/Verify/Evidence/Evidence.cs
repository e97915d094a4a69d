using System.Text.Json.Serialization;

namespace Throughline.Verify;

/// <summary>Something that was seen: what was sent, what came back or how it failed, and from whom. Data for rules, not prose.</summary>
/// <param name="At">When it was seen.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(HttpExchange), "http")]
[JsonDerivedType(typeof(SocketExchange), "socket")]
[JsonDerivedType(typeof(DiscoveryLook), "discovery")]
[JsonDerivedType(typeof(HealthLook), "health")]
[JsonDerivedType(typeof(ProcessLook), "process")]
[JsonDerivedType(typeof(CommandRun), "command")]
[JsonDerivedType(typeof(LogLook), "log")]
[JsonDerivedType(typeof(Comparison), "comparison")]
[JsonDerivedType(typeof(BrowserLook), "browser")]
[JsonDerivedType(typeof(ServiceLook), "service")]
[JsonDerivedType(typeof(StoreLook), "store")]
[JsonDerivedType(typeof(DatabaseLook), "database")]
[JsonDerivedType(typeof(DirectLook), "direct")]
[JsonDerivedType(typeof(ClockLook), "clock")]
[JsonDerivedType(typeof(BreakerLook), "breaker")]
[JsonDerivedType(typeof(MachineLook), "machine")]
[JsonDerivedType(typeof(NameLook), "name")]
[JsonDerivedType(typeof(PauseLook), "pause")]
[JsonDerivedType(typeof(GroupLook), "group")]
public abstract record EvidenceItem(DateTimeOffset At)
{
    /// <summary>This is the control: what had to be accepted, or had to arrive, while the other was refused.</summary>
    public bool IsControl { get; init; }
}

/// <summary>How an exchange failed below the protocol.</summary>
public enum ExchangeFailure
{
    /// <summary>Nobody listens on the port.</summary>
    Refused,

    /// <summary>No answer within the limit.</summary>
    TimedOut,

    /// <summary>The connection was cut.</summary>
    Reset,

    /// <summary>The name does not resolve, or the host cannot be reached.</summary>
    Unreachable,

    /// <summary>The asking machine had no port left to ask from.</summary>
    NoPort,

    /// <summary>What came back is not what the protocol says.</summary>
    Protocol,
}

/// <summary>Who answered.</summary>
/// <param name="Service">As far as it is known by the address that was asked, or the answer itself.</param>
/// <param name="Instance">Of the header <c>Throughline-Instance</c>, or of <c>hello</c>.</param>
public sealed record Answerer(string? Service, Guid? Instance, int? Pid = null);

/// <summary>One HTTP request and its answer.</summary>
/// <param name="Sent">What matters of the request: which credential, which body. Never a secret.</param>
/// <param name="Status">Absent where there was no answer.</param>
/// <param name="Code">The problem document's, or OAuth's, error code.</param>
/// <param name="Body">The beginning of the answer, where it was a refusal.</param>
public sealed record HttpExchange(
    DateTimeOffset At, string Method, string Url, string? Sent, int? Status, string? Code, ExchangeFailure? Failure, string? Error,
    Answerer? From, string? TraceId, double ElapsedMs, string? Body = null) : EvidenceItem(At);

/// <summary>One WebSocket connection.</summary>
/// <param name="Carrier"><c>header</c>, <c>subprotocol</c>, <c>ticket</c> or <c>none</c>.</param>
/// <param name="HttpStatus">Of a refused upgrade.</param>
/// <param name="CloseCode">Absent while it is open, or where the line broke.</param>
/// <param name="UserId">Of <c>hello</c>.</param>
/// <param name="Errors">Codes of <c>error</c> frames.</param>
public sealed record SocketExchange(
    DateTimeOffset At, string Url, string Carrier, string? Sent, int? HttpStatus, int? CloseCode, string? CloseText, ExchangeFailure? Failure,
    string? Error, Answerer? From, Guid? UserId, double ElapsedMs, int Frames, IReadOnlyList<string> Errors) : EvidenceItem(At);

/// <summary>A discovery record beside what the operating system and the service itself say.</summary>
/// <param name="Port">As the record names it.</param>
/// <param name="ListeningPorts">Ports on which the record's process listens; absent where that cannot be seen.</param>
/// <param name="PortHolder">Who listens on the record's port.</param>
/// <param name="Answering">Who answers <c>/health/live</c> at the record's address.</param>
/// <param name="Rejection">Why a reader must reject the record.</param>
/// <param name="ActualPort">Where the recorded instance does answer, if elsewhere.</param>
public sealed record DiscoveryLook(
    DateTimeOffset At, string Service, string Path, Guid? Instance, int? Pid, bool? IsPidAlive, int? Port, string? ApiUrl, string? WsUrl,
    DateTimeOffset? LeaseExpiresAt, IReadOnlyList<int>? ListeningPorts, string? PortHolder, Answerer? Answering, string? Rejection,
    int? ActualPort, IReadOnlyList<string> SigningKeyIds) : EvidenceItem(At);

/// <param name="Dependencies">Status by dependency, with the error where one is not healthy.</param>
public sealed record HealthLook(
    DateTimeOffset At, string Service, string Url, string? Status, IReadOnlyDictionary<string, string> Dependencies, Answerer? From) : EvidenceItem(At)
{
    /// <summary>How long the service took to reach each dependency, milliseconds.</summary>
    public IReadOnlyDictionary<string, double>? LatencyMs { get; init; }
}

/// <param name="State">The kernel's letter, e.g. <c>S</c> or <c>T</c> (stopped); absent where it cannot be seen.</param>
public sealed record ProcessLook(DateTimeOffset At, string Service, int Pid, bool IsAlive, string? State = null) : EvidenceItem(At);

/// <summary>A command of the launcher, run to its end.</summary>
public sealed record CommandRun(
    DateTimeOffset At, string Command, int? ExitCode, double ElapsedMs, IReadOnlyList<string> LastLines) : EvidenceItem(At);

/// <summary>What a service logged around a failure.</summary>
public sealed record LogLook(DateTimeOffset At, string Service, IReadOnlyList<string> Lines) : EvidenceItem(At)
{
    /// <summary>Ids of requests, frames and runs of which it says this; absent where these are merely the last lines.</summary>
    public IReadOnlyList<string>? About { get; init; }
}

/// <summary>Two values that had to be equal, or the list of what differs.</summary>
public sealed record Comparison(DateTimeOffset At, string What, string Expected, string Actual) : EvidenceItem(At);

/// <summary>What a browser was at when it failed.</summary>
public sealed record BrowserLook(DateTimeOffset At, string Action, string Url, string? Text, IReadOnlyList<string> Console) : EvidenceItem(At);
