using DuckDB.NET.Data;

namespace Throughline.Analysis.Tools;

/// <summary>Interrupts a query when its token is cancelled, and again until the query has heard it.</summary>
/// <remarks>DuckDB clears the wish when a query begins: one that comes a moment before would be lost, and the query would run to its end.</remarks>
internal sealed class QueryInterrupt : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    private readonly DuckDBCommand _command;
    private readonly Lock _gate = new();
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;
    private bool _isOver;

    public QueryInterrupt(DuckDBCommand command, CancellationToken cancellationToken)
    {
        _command = command;
        _registration = cancellationToken.Register(static state => ((QueryInterrupt)state!).Begin(), this);
    }

    /// <summary>The query is over: nothing is interrupted any more, least of all the next one.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        lock (_gate)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (!_isOver) _timer = TimeProvider.System.CreateTimer(static state => ((QueryInterrupt)state!).Interrupt(), this, TimeSpan.Zero, Again);
        }
    }

    private void Interrupt()
    {
        lock (_gate)
        {
            if (!_isOver) _command.Cancel();
        }
    }
}
