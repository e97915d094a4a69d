using Throughline.Testing.Chaos;

namespace Throughline.Backend.Tests.Runs;

/// <summary>Counts the transactions by which the backend appends to threads' logs, and stops at one: with all that comes after it, on every connection.</summary>
internal sealed class JournalGate : Tap
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _appending = []; // connections whose transaction appends
    private readonly HashSet<int> _committing = []; // connections whose commit is to be answered, and whose answer is to be kept
    private TaskCompletionSource? _reached;
    private TaskCompletionSource<bool>? _held;
    private (int At, bool IsBefore) _stop;
    private int _count;

    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    public void Restart()
    {
        lock (_lock) _count = 0;
    }

    /// <summary>Counts from now on, and stops.</summary>
    /// <param name="at">1 for the next append.</param>
    /// <param name="isBefore">Whether the database does not hear of the commit, or the backend not of its success.</param>
    /// <returns>Done when it has come to it.</returns>
    public Task StopAt(int at, bool isBefore)
    {
        lock (_lock)
        {
            (_count, _stop, _reached, _held) = (0, (at, isBefore), Fresh(), new(TaskCreationOptions.RunContinuationsAsynchronously));
            return _reached.Task;
        }
    }

    /// <summary>Ends the connections that were stopped; new ones pass.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _held?.TrySetResult(false);
            _held = null;
            _appending.Clear();
            _committing.Clear();
        }
    }

    public override async ValueTask<bool> PassAsync(int connection, bool toTarget, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Task<bool>? held;
        lock (_lock) held = toTarget ? ToDatabase(connection, bytes.Span) : ToBackend(connection);
        return held is null || await held.WaitAsync(cancellationToken);
    }

    private Task<bool>? ToDatabase(int connection, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf("UPDATE threads SET head"u8) >= 0) _appending.Add(connection);
        if (bytes.IndexOf("COMMIT"u8) >= 0 && _appending.Remove(connection) && ++_count == _stop.At && _held is not null)
        {
            if (!_stop.IsBefore)
            {
                _committing.Add(connection);
                return null;
            }

            _reached!.TrySetResult();
        }

        return _reached is { Task.IsCompleted: true } ? _held?.Task : null;
    }

    private Task<bool>? ToBackend(int connection)
    {
        if (_committing.Contains(connection)) _reached!.TrySetResult();
        return _reached is { Task.IsCompleted: true } ? _held?.Task : null;
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
