using System.Globalization;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>What a caller is told who has used up a policy: what it is, and what to do next.</summary>
internal static class LimitWords
{
    public static string TitleOf(LimitStanding standing) => FormattableString.Invariant(standing.Policy.Name switch
    {
        "messages" => (FormattableString)$"Your plan allows {standing.Policy.Quota} messages in {standing.Policy.WindowSeconds} seconds.",
        "requests" => $"You make more requests than the {standing.Policy.Quota} points a minute that are yours.",
        "address" => $"Too many requests come from your network.",
        "uploads" => $"You may upload {Gigabytes(standing.Policy.Quota)} GiB in 24 hours; of that {Gigabytes(standing.Remaining)} GiB are left.",
        "sockets" => $"You open connections too often.",
        "sockets-address" => $"Too many connections are opened from your network.",
        _ => $"More is asked of the service than it is set up for.",
    });

    public static string NextOf(LimitStanding standing)
    {
        var seconds = standing.ResetSeconds.ToString(CultureInfo.InvariantCulture);
        return standing.Policy.Name switch
        {
            "messages" => $"Ask again in {seconds} s.",
            "requests" => $"Go on in {seconds} s. Pages of more items (limit=) need fewer requests.",
            "uploads" => $"Upload it again in {seconds} s, or send a smaller file. A request without Content-Length counts as the largest file until it is read.",
            "sockets" or "sockets-address" => $"Connect again in {seconds} s.",
            _ => $"Try again in {seconds} s.",
        };
    }

    private static string Gigabytes(long bytes) => (bytes / (double)(1L << 30)).ToString("0.##", CultureInfo.InvariantCulture);
}
