namespace Throughline.Auth.Changes;

/// <summary>Wakes those who wait for changes. Arm before reading, so that a commit in between is not missed.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = Fresh();

    /// <summary>Completes at the next commit.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, Fresh()).SetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
