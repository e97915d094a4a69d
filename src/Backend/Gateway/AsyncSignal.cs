using System.Threading.Tasks.Sources;

namespace Throughline.Backend.Gateway;

/// <summary>Wakes one waiter; setting it twice wakes it once. Waiting allocates nothing: every event wakes each socket that gets it.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Idle = 0, Awaited = 1, IsSet = 2;

    private ManualResetValueTaskSourceCore<bool> _waiting = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        if (Interlocked.Exchange(ref _state, IsSet) == Awaited) _waiting.SetResult(true);
    }

    /// <summary>For one waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        _waiting.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) return new ValueTask(this, _waiting.Version);
        Interlocked.Exchange(ref _state, Idle); // it was set before; a full fence, as what the waiter looks at next must be read after
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token)
    {
        Interlocked.Exchange(ref _state, Idle); // a full fence, as above
        _waiting.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiting.OnCompleted(continuation, state, token, flags);
}
