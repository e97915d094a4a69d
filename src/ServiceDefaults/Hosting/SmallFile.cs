namespace Throughline.ServiceDefaults;

/// <summary>Replaces small files that others read meanwhile, such as a record that is renewed every few seconds.</summary>
public static class SmallFile
{
    /// <summary>
    /// Writes beside it and renames, so that no reader ever sees half of it. On a full disk it is written over where it lies, which takes no
    /// room: what has to be renewed must not run out because something else filled the disk.
    /// </summary>
    /// <param name="json">Spaces may come to stand behind it.</param>
    /// <param name="mode">Of the file, where it is made anew; not used on Windows.</param>
    public static void Replace(string path, ReadOnlySpan<byte> json, UnixFileMode? mode = null)
    {
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
            if (mode is not null && !OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
            using (var file = new FileStream(draft, options)) file.Write(json);
            File.Move(draft, path, overwrite: true);
        }
        catch (IOException e) when (DiskFull.IsMeant(e) && File.Exists(path))
        {
            File.Delete(draft);
            WriteOver(path, json);
        }
    }

    private static void WriteOver(string path, ReadOnlySpan<byte> json)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        // In one piece, and no shorter than before: whoever reads meanwhile finds no end of the old one behind it.
        var whole = new byte[Math.Max(json.Length, file.Length)];
        json.CopyTo(whole);
        whole.AsSpan(json.Length).Fill((byte)' ');
        file.Write(whole);
    }
}
