namespace Throughline.Verify.Looks;

/// <summary>Files that are gone from their folder, while a process still has them open and writes to them.</summary>
internal static class DeletedFiles
{
    /// <returns>The descriptor under which the process holds what was at this path, such as <c>/proc/71/fd/12</c>; null where it holds nothing that is gone.</returns>
    public static string? HeldBy(int pid, string path)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").FirstOrDefault(fd => new FileInfo(fd).LinkTarget == $"{path} (deleted)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it is gone itself, or another user's
        }
    }
}
