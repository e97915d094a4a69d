namespace Throughline.Launcher.Tests;

internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a state of the operating system that tells nobody when it comes about.</summary>
    public static async Task UntilAsync(string what, Func<bool> isSo, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"Within {Limit.TotalSeconds} s it did not come about that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }
    }
}
