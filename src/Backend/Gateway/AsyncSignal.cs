namespace Throughline.Backend.Gateway;

/// <summary>Wakes one waiter; setting it twice wakes it once.</summary>
internal sealed class AsyncSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0);
    private int _isSet;

    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0) _semaphore.Release();
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _semaphore.WaitAsync(cancellationToken);
        Volatile.Write(ref _isSet, 0);
    }

    public void Dispose() => _semaphore.Dispose();
}
