using System.Globalization;

namespace Throughline.Launcher.Audit;

/// <summary>A line on standard error each second, from the first second on.</summary>
/// <param name="expected">About how many entries there are, where it is known.</param>
internal sealed class AuditProgress(TimeProvider time, long? expected)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private long _said = time.GetTimestamp();

    public void Checked(long count)
    {
        if (time.GetElapsedTime(_said) < Interval)
            return;
        _said = time.GetTimestamp();
        var of = expected >= count ? string.Create(CultureInfo.InvariantCulture, $" of {expected:N0}") : "";
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0}{of} entries are right so far …"));
    }
}
