namespace Throughline.Backend.Tests.Isolation;

/// <summary>One frame of the matrix.</summary>
/// <param name="Type">As the registry of Contracts names it.</param>
/// <param name="Members">Its members, with an id of the owner's or one that nothing has.</param>
/// <param name="Own">What the owner gets: an answer's type, an error's code, or a close code.</param>
/// <param name="Foreign">What another user gets for the same frame, and for one that names nothing.</param>
internal sealed record FrameRow(string Type, Func<World, bool, Dictionary<string, object>> Members, string Own, string Foreign)
{
    /// <summary>The frame whose id nothing has is answered otherwise than one whose id is another's: both are good, for what the caller has.</summary>
    public bool IsBlindToIds { get; init; }
}

/// <summary>The authorisation matrix of all frames that a client may send. A type without a line fails the suite.</summary>
internal static class Frames
{
    public static readonly IReadOnlyList<FrameRow> All =
    [
        // A foreign thread's id is simply a new thread of one's own.
        new("run.start", (world, isAbsent) => new() { ["input"] = RawSocket.Input("What can you do?", isAbsent ? World.AbsentIdOf("thread") : world.IdOf("other thread")) }, "ack", "ack") { IsBlindToIds = true },
        new("run.cancel", (world, isAbsent) => new() { ["runId"] = isAbsent ? World.AbsentIdOf("run") : world.IdOf("run") }, "run_not_active", "not_found"),
        new("run.resume", (world, isAbsent) => new() { ["threadId"] = Thread(world, isAbsent), ["resume"] = Array.Empty<object>() }, "interrupt_not_pending", "not_found"),
        new("thread.subscribe", (world, isAbsent) => new() { ["threadId"] = Thread(world, isAbsent), ["after"] = 0 }, "subscribed", "not_found"),
        new("thread.unsubscribe", (world, isAbsent) => new() { ["threadId"] = Thread(world, isAbsent) }, "ack", "ack") { IsBlindToIds = true },
        new("auth.refresh", (world, isAbsent) => new() { ["token"] = isAbsent ? "tl_nothing" : world.TokenOf(Caller.Owner)! }, "ack", "4002"),
        new("ping", (_, _) => [], "pong", "pong") { IsBlindToIds = true },
    ];

    private static string Thread(World world, bool isAbsent) => isAbsent ? World.AbsentIdOf("thread") : world.IdOf("thread");
}
