using System.Globalization;
using Throughline.Web.Shell;

namespace Throughline.Web.Threads;

/// <summary>Text that was typed and not sent, kept on this device for an hour: through a reload, and through being signed out.</summary>
public sealed class Drafts(Browser browser, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <param name="threadId"><c>null</c> for a thread that does not exist yet.</param>
    public void Keep(string? threadId, string text) =>
        browser.Store(KeyOf(threadId), text.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeSeconds()}:{text}"));

    public string Find(string? threadId)
    {
        var kept = browser.Recall(KeyOf(threadId))?.Split(':', 2);
        if (kept is not [var at, var text] || !long.TryParse(at, CultureInfo.InvariantCulture, out var seconds))
            return "";
        if (time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds) <= Kept)
            return text;
        browser.Store(KeyOf(threadId), null);
        return "";
    }

    private static string KeyOf(string? threadId) => $"draft:{threadId ?? "new"}";
}
