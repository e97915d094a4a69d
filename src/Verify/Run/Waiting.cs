namespace Throughline.Verify;

/// <summary>Waits for a condition by looking again and again, gently enough for the target's own limits; the caller's token is the deadline.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan Seldom = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public static async Task UntilAsync(TimeProvider time, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(Every, time);
        while (!await isSo())
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            if (time.GetElapsedTime(began) > Soon) timer.Period = Seldom;
        }
    }
}
