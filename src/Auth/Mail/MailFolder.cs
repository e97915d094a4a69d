using System.Globalization;
using Microsoft.Extensions.Options;
using MimeKit;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Mail;

/// <summary>
/// Mail on disk (RFC 5322), readable by its owner only. Without an SMTP server it ends in <c>mail/</c>; with one it waits in
/// <c>mail/queue/</c> until the server has it, whatever dies in between, and ends in <c>mail/failed/</c> where the server refuses it.
/// </summary>
internal sealed class MailFolder(StateFolder state, IOptions<MailOptions> options, TimeProvider time)
{
    /// <summary>More than this is an attack or a server long gone; the disk is for the databases.</summary>
    private const int MaxFiles = 10_000;
    private const string Extension = ".eml";
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private readonly string _folder = Make(state);
    private readonly string _queue = Make(state, "queue");
    private readonly string _failed = Make(state, "failed");

    /// <summary>Where people find their mail when there is no server.</summary>
    public string Root => _folder;

    /// <summary>Writes the mail whole or not at all; when this returns, it is kept.</summary>
    /// <exception cref="IOException">The disk is full, or 10,000 mails wait already.</exception>
    public async Task PutAsync(MimeMessage message, string kind, CancellationToken cancellationToken)
    {
        var folder = FolderForNew();
        if (Directory.EnumerateFiles(folder).Skip(MaxFiles - 1).Any()) throw new IOException($"{folder} holds {MaxFiles} mails already.");
        // The time first, so that names sort as mails were written.
        var at = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(folder, $"{at}-{kind}-{Guid.NewGuid():N}{Extension}");
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(path + ".tmp", file))
        {
            await message.WriteToAsync(stream, cancellationToken);
            stream.Flush(flushToDisk: true);
        }
        File.Move(path + ".tmp", path);
    }

    /// <summary>Whether a file can be made and written there.</summary>
    public bool CanKeep()
    {
        try
        {
            var path = Path.Combine(FolderForNew(), $"{Guid.NewGuid():N}.tmp");
            File.WriteAllText(path, "to see whether there is room for mail");
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What waits for the server, oldest first.</summary>
    public IReadOnlyList<string> Waiting() => [.. Directory.EnumerateFiles(_queue, "*" + Extension).Order(StringComparer.Ordinal)];

    public bool IsOverdue(string path) => File.GetLastWriteTimeUtc(path) < time.GetUtcNow() - options.Value.TryFor;

    /// <summary>Puts aside what the server will never take, for somebody to look at.</summary>
    public void SetAside(string path) => File.Move(path, Path.Combine(_failed, Path.GetFileName(path)), overwrite: true);

    /// <summary>Removes all mail to an address, sent or not.</summary>
    /// <returns>How many.</returns>
    public int Erase(string address)
    {
        var erased = 0;
        if (!Directory.Exists(_folder)) return erased;
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + Extension, SearchOption.AllDirectories))
            if (IsTo(path, address))
            {
                File.Delete(path);
                erased++;
            }

        return erased;
    }

    /// <summary>Removes what has lain for a week: codes in it are long spent, and addresses are nobody's to collect.</summary>
    public void Prune()
    {
        foreach (var path in Directory.EnumerateFiles(_folder).Concat(Directory.EnumerateFiles(_failed)))
            if (File.GetLastWriteTimeUtc(path) < time.GetUtcNow() - KeptFor) File.Delete(path);
    }

    /// <summary>Made again where somebody has cleared it away.</summary>
    private string FolderForNew() => options.Value.HasServer ? Make(state, "queue") : Make(state);

    private static string Make(StateFolder state, params string[] parts) => Path.GetDirectoryName(state.PathOf(["mail", .. parts, "any"]))!; // PathOf makes the folders on the way

    private static bool IsTo(string path, string address)
    {
        try
        {
            return HeaderList.Load(path)[HeaderId.To] is { } to && InternetAddressList.TryParse(to, out var list)
                && list.Mailboxes.Any(mailbox => string.Equals(mailbox.Address, address, StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception e) when (e is FileNotFoundException or FormatException)
        {
            return false; // delivered meanwhile, or no mail
        }
    }
}
