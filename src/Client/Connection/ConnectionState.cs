using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>Where a connection stands.</summary>
public enum ConnectionPhase
{
    /// <summary>Not started: nothing has been asked of it.</summary>
    Idle,

    /// <summary>The first attempt is under way.</summary>
    Connecting,

    /// <summary>Open, greeted by <c>hello</c>, subscriptions resumed.</summary>
    Live,

    /// <summary>Lost; the next attempt is due at <see cref="ConnectionState.NextAttemptAt"/> or under way.</summary>
    Reconnecting,

    /// <summary>The sign-in has ended (4001, 4002, 4004). Nothing is tried again until <see cref="ThreadConnection.ReconnectNow"/>.</summary>
    SignedOut,

    /// <summary>Disposed, or put aside by the service for newer connections of the same user (4008).</summary>
    Closed,
}

/// <summary>A connection's state, to show and to act on.</summary>
/// <param name="Phase">Where it stands.</param>
/// <param name="Attempt">While reconnecting: which attempt, counted from 1 since it was last live.</param>
/// <param name="NextAttemptAt">While reconnecting and waiting: when the next attempt begins; <c>null</c> while one is under way.</param>
/// <param name="CloseCode">The close code that led here, where there was one; protocol §4.</param>
/// <param name="Reason">What happened, in words.</param>
/// <param name="Hello">While live: how the service greeted.</param>
public sealed record ConnectionState(
    ConnectionPhase Phase, int Attempt = 0, DateTimeOffset? NextAttemptAt = null, int? CloseCode = null, string? Reason = null, Hello? Hello = null);
