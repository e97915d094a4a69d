using System.Globalization;
using System.Text;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Erasure;

/// <summary>A line of the ledger: ids and a time, nothing of the person.</summary>
/// <param name="ErasureId">The receipt.</param>
internal sealed record LedgerEntry(DateTimeOffset At, Guid UserId, Guid ErasureId);

/// <summary>
/// Who was erased, in <c>erasures.log</c> of the state folder: outside the database, so that a database restored from a backup can be
/// told what it has forgotten. Only ever appended to, each line on the disk before the deletion is answered.
/// </summary>
internal sealed partial class ErasureLedger(StateFolder state, ILogger<ErasureLedger> logger)
{
    private readonly Lock _gate = new();
    private readonly string _path = state.PathOf("erasures.log");

    public IReadOnlyList<LedgerEntry> Read()
    {
        if (!File.Exists(_path)) return [];
        var entries = new List<LedgerEntry>();
        foreach (var line in File.ReadLines(_path))
        {
            if (Parse(line) is { } entry) entries.Add(entry);
            else if (line.Length > 0) Log.Unreadable(logger, _path, line.Length);
        }

        return entries;
    }

    public void Append(LedgerEntry entry)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{entry.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {entry.UserId} {entry.ErasureId}\n");
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (_gate)
        {
            using var file = new FileStream(_path, options);
            // In one write, after a line end of its own: a line that a crash cut off spoils no other.
            file.Write(Encoding.ASCII.GetBytes($"\n{line}"));
            file.Flush(flushToDisk: true);
        }
    }

    private static LedgerEntry? Parse(string line) =>
        line.Split(' ') is [var at, var user, var erasure]
        && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        && Guid.TryParse(user, out var userId) && Guid.TryParse(erasure, out var erasureId)
            ? new(time, userId, erasureId)
            : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Path} has a line of {Length} characters that is no entry; it was cut off while it was written, or changed by hand")]
        public static partial void Unreadable(ILogger logger, string path, int length);
    }
}
