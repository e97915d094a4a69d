using Throughline.Contracts.Files;
using Throughline.Web.Shell;

namespace Throughline.Web.Files;

/// <summary>A file on its way to the server, and what became of it.</summary>
public sealed class Upload(int id, string name, long sizeBytes, DateTimeOffset startedAt)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    public long SizeBytes { get; } = sizeBytes;

    public long SentBytes { get; private set; }

    /// <summary>Set once the server has read it.</summary>
    public UsageFile? File { get; internal set; }

    public Failure? Failure { get; internal set; }

    public bool IsUnderWay => File is null && Failure is null;

    /// <summary>Whether all was sent and the server is reading.</summary>
    public bool IsBeingRead => IsUnderWay && SentBytes >= SizeBytes && SizeBytes > 0;

    public double Percent => SizeBytes == 0 ? 0 : Math.Min(100, 100d * SentBytes / SizeBytes);

    /// <summary>Roughly how long sending will take yet; unknown in the first second.</summary>
    public TimeSpan? TimeLeft { get; private set; }

    internal void Sent(long bytes, DateTimeOffset now)
    {
        // The form around the file is counted too, so the end is a little past the file's size.
        SentBytes = Math.Min(bytes, SizeBytes);
        var spent = now - startedAt;
        TimeLeft = spent.TotalSeconds < 1 || SentBytes == 0 ? null : spent * ((double)(SizeBytes - SentBytes) / SentBytes);
    }
}
