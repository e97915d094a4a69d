namespace Throughline.Backend.Users;

/// <summary>Rings when auth has called that its feed has something new, so that a reader who rests between two attempts goes at once.</summary>
internal sealed class FeedBell
{
    private TaskCompletionSource _next = Fresh();

    /// <summary>Completes at the next call.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, Fresh()).SetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
