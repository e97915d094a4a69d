namespace Throughline.Backend.Users;

/// <summary>Wakes those who wait for the replica. Arm before reading, so that a change in between is not missed.</summary>
internal sealed class ReplicaSignal
{
    private TaskCompletionSource _next = Fresh();

    /// <summary>Completes when the replica has changed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, Fresh()).SetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
