using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts.Agents;

namespace Throughline.Contracts.Threads;

/// <summary>A frame from client to server on <c>/ws</c>; protocol §4.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StartRun), "run.start")]
[JsonDerivedType(typeof(CancelRun), "run.cancel")]
[JsonDerivedType(typeof(ResumeRun), "run.resume")]
[JsonDerivedType(typeof(SubscribeThread), "thread.subscribe")]
[JsonDerivedType(typeof(UnsubscribeThread), "thread.unsubscribe")]
[JsonDerivedType(typeof(RefreshToken), "auth.refresh")]
[JsonDerivedType(typeof(Ping), "ping")]
public abstract record ClientFrame
{
    /// <summary>Echoed in the answer; for <c>run.start</c> the idempotency key.</summary>
    public string? Id { get; init; }
}

/// <param name="Traceparent">The trace of this one question, W3C Trace Context; the socket's own request is another.</param>
public sealed record StartRun(RunAgentInput Input, string? Traceparent = null) : ClientFrame;

public sealed record CancelRun(string RunId) : ClientFrame;

public sealed record ResumeRun(string ThreadId, IReadOnlyList<ResumeEntry> Resume) : ClientFrame;

/// <param name="After">0 for all; absent for only new events.</param>
public sealed record SubscribeThread(string ThreadId, long? After = null) : ClientFrame;

public sealed record UnsubscribeThread(string ThreadId) : ClientFrame;

public sealed record RefreshToken(string Token) : ClientFrame;

public sealed record Ping(JsonElement? T = null) : ClientFrame;

/// <summary>A frame from server to client, as the protocol names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", IgnoreUnrecognizedTypeDiscriminators = true)]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(ThreadEvent), "event")]
[JsonDerivedType(typeof(Ack), "ack")]
[JsonDerivedType(typeof(Subscribed), "subscribed")]
[JsonDerivedType(typeof(Pong), "pong")]
[JsonDerivedType(typeof(ErrorFrame), "error")]
[JsonDerivedType(typeof(TokenExpiring), "auth.expiring")]
[JsonDerivedType(typeof(Degraded), "degraded")]
[JsonDerivedType(typeof(Recovered), "recovered")]
[JsonDerivedType(typeof(Draining), "draining")]
public record ServerFrame; // not abstract: a client skips a frame type newer than itself

/// <summary>Always first.</summary>
/// <param name="HeartbeatSeconds">A client pings this often; three silent ones count as a lost connection.</param>
public sealed record Hello(
    int Protocol, Guid Instance, Guid UserId, Guid SessionId, int HeartbeatSeconds, IReadOnlyList<LimitState> Limits) : ServerFrame;

/// <summary>One entry in a thread's durable log.</summary>
/// <param name="Seq">Position in the thread: 1, 2, 3 … with no gap. A client resumes after it.</param>
/// <param name="Event">An AG-UI 1.0 event, unchanged.</param>
public sealed record ThreadEvent(string ThreadId, long Seq, JsonElement Event) : ServerFrame;

/// <param name="Seq">For <c>run.start</c>: the thread's head before the run.</param>
public sealed record Ack(string? Id = null, string? ThreadId = null, string? RunId = null, long? Seq = null) : ServerFrame;

public sealed record Subscribed(string ThreadId, long Head, string? Id = null) : ServerFrame;

public sealed record Pong(JsonElement? T = null, string? Id = null) : ServerFrame;

/// <param name="Code">One of protocol §4's error codes.</param>
/// <param name="RetryAfterMs">When trying again makes sense, milliseconds.</param>
public sealed record ErrorFrame(string Code, string Message, string? Id = null, long? RetryAfterMs = null) : ServerFrame;

public sealed record TokenExpiring(DateTimeOffset ExpiresAt) : ServerFrame;

public sealed record Degraded(string Dependency, string Message) : ServerFrame;

public sealed record Recovered(string Dependency, string Message) : ServerFrame;

/// <param name="ReconnectAfterMs">How long to wait before reconnecting, milliseconds, jittered.</param>
public sealed record Draining(int ReconnectAfterMs) : ServerFrame;
