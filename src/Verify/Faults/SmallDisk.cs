namespace Throughline.Verify.Faults;

/// <summary>A small disk in memory that takes the place of the stack's state folder. It takes the right to mount.</summary>
internal static class SmallDisk
{
    private const string Size = "128m";

    /// <summary>Stops the stack, and starts it again on a copy of its state on the small disk. Once that is undone, it starts on what it had before.</summary>
    public static async Task PutUnderAsync(Rig rig, CancellationToken cancellationToken)
    {
        var disk = $"{rig.State}-disk";
        await rig.StopStackAsync();
        rig.StartAnew();
        rig.Journal.WillRun("rmdir", disk);
        Directory.CreateDirectory(disk);
        Mount(rig, disk, "-t", "tmpfs", "-o", $"size={Size},mode=700", "throughline", disk);
        Must("cp", "-a", $"{rig.State}/.", disk);
        Mount(rig, rig.State, "--bind", disk, rig.State);
        await rig.StartStackAsync([], cancellationToken);
        await rig.Stack.ReadyAsync(cancellationToken);
    }

    public static void Fill(Rig rig)
    {
        try
        {
            using var file = new FileStream(rig.PathOf("fill"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true) file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // That is what it is for.
        }
    }

    /// <summary>At the end whoever still has a file there keeps it; the place itself is free at once.</summary>
    private static void Mount(Rig rig, string at, params string[] how)
    {
        rig.Journal.WillRun("umount", "--lazy", at);
        Must(["mount", .. how]);
    }

    private static void Must(params string[] argv)
    {
        if (Programs.Run(argv) is { ExitCode: not 0 } failed) throw new FaultFailed($"{string.Join(' ', argv)}: {failed.Output.Trim()}");
    }
}
