namespace Throughline.ServiceDefaults;

/// <summary>
/// Retries for one dependency, in one layer only: three for a call, and a tenth of all calls. A dependency that is down then gets a tenth more, not
/// four times as much. Only for calls that may be repeated.
/// </summary>
/// <remarks>Each call puts a tenth of a retry into the budget and each retry takes a whole one; a process begins with three.</remarks>
public sealed class RetryBudget(TimeProvider time)
{
    private const int PerCall = 3;
    private const double Share = 0.1;
    private const double Most = 10;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private double _left = PerCall;

    /// <param name="isTransient">Whether the same call may succeed a moment later.</param>
    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, Predicate<Exception> isTransient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        lock (_gate) _left = Math.Min(Most, _left + Share);
        for (var retry = 0; ; retry++)
        {
            try
            {
                return await call(cancellationToken);
            }
            catch (Exception e) when (isTransient(e) && retry < PerCall && TryTake())
            {
                // Full jitter, so that those who failed together do not come again together.
                await Task.Delay(FirstWait * Math.Pow(2, retry) * Random.Shared.NextDouble(), time, cancellationToken);
            }
        }
    }

    private bool TryTake()
    {
        lock (_gate)
        {
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
