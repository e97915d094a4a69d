using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Faults;

/// <summary>One thing to undo. Written to disk before what it undoes is done.</summary>
/// <param name="Kind"><c>restore</c> a file from <paramref name="Backup"/>, <c>remove</c> a path, <c>continue</c> or <c>end</c> a process, <c>run</c> a command.</param>
internal sealed record Undo(int Id, string Kind, string? Path = null, string? Backup = null, int? Pid = null, DateTimeOffset? StartedAt = null, IReadOnlyList<string>? Argv = null, bool IsDone = false);

/// <summary>
/// What must be undone on one stack, on disk, a JSON object a line. After Ctrl-C it is replayed at once; after a crash or a power cut, by the next
/// start that finds it.
/// </summary>
internal sealed class UndoJournal
{
    private const string Files = "undo*.jsonl";
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly string _backups;
    private readonly List<Undo> _open = [];
    private int _next;

    private UndoJournal(string folder, string name)
    {
        _path = Path.Combine(folder, name);
        _backups = Path.Combine(folder, "backups");
        Directory.CreateDirectory(_backups);
    }

    /// <summary>What is still to be undone.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <summary>Undoes what earlier runs left undone.</summary>
    /// <returns>How much that was.</returns>
    public static int Replay(string folder)
    {
        if (!Directory.Exists(folder)) return 0;
        var undone = 0;
        foreach (var path in Directory.GetFiles(folder, Files))
        {
            var journal = Open(folder, Path.GetFileName(path));
            undone += journal.Count;
            journal.UndoAll();
        }

        return undone;
    }

    /// <summary>The journal of a run's first, second, … stack.</summary>
    public static UndoJournal Of(string folder, int stack) => Open(folder, $"undo-{stack}.jsonl");

    /// <summary>Opens it. What an earlier run left undone is in it.</summary>
    private static UndoJournal Open(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var journal = new UndoJournal(folder, name);
        if (!File.Exists(journal._path)) return journal;
        foreach (var line in File.ReadLines(journal._path))
        {
            if (TryRead(line) is not { } undo) continue; // cut short by what ended the run: nothing was done after it
            journal._next = Math.Max(journal._next, undo.Id + 1);
            journal._open.RemoveAll(u => u.Id == undo.Id);
            if (!undo.IsDone) journal._open.Add(undo);
        }

        return journal;
    }

    /// <summary>The file will be as it is now; it need not be there now.</summary>
    public void WillRestore(string path)
    {
        string? backup = null;
        if (File.Exists(path)) File.Copy(path, backup = Path.Combine(_backups, $"{Guid.NewGuid():N}"));
        Add(new Undo(Next(), "restore", path, backup));
    }

    public void WillRemove(string path) => Add(new Undo(Next(), "remove", path));

    public void WillContinue(int pid) => Add(new Undo(Next(), "continue", Pid: pid, StartedAt: ProcessIdentity.StartOf(pid)));

    public void WillEnd(int pid) => Add(new Undo(Next(), "end", Pid: pid, StartedAt: ProcessIdentity.StartOf(pid)));

    public void WillRun(params string[] argv) => Add(new Undo(Next(), "run", Argv: argv));

    /// <summary>Undoes everything, the last first. What cannot be undone any more, because it is gone, is done.</summary>
    public void UndoAll(int after = -1)
    {
        List<Undo> open;
        lock (_gate) open = [.. _open.Where(u => u.Id > after).Reverse()];
        foreach (var undo in open)
        {
            Run(undo);
            lock (_gate)
            {
                _open.RemoveAll(u => u.Id == undo.Id);
                Append(undo with { IsDone = true });
            }
        }

        lock (_gate)
            if (_open.Count == 0) File.Delete(_path);
    }

    /// <summary>The mark behind which <see cref="UndoAll"/> undoes.</summary>
    public int Mark
    {
        get
        {
            lock (_gate) return _next - 1;
        }
    }

    private static void Run(Undo undo)
    {
        try
        {
            switch (undo.Kind)
            {
                case "restore" when undo.Backup is null:
                    File.Delete(undo.Path!);
                    break;
                case "restore":
                    Put(undo.Backup, undo.Path!);
                    break;
                case "remove" when Directory.Exists(undo.Path) && new FileInfo(undo.Path).LinkTarget is null:
                    Directory.Delete(undo.Path, recursive: true);
                    break;
                case "remove":
                    File.Delete(undo.Path!);
                    break;
                case "continue" or "end" when ProcessIdentity.IsAlive(undo.Pid!.Value, undo.StartedAt ?? DateTimeOffset.MinValue):
                    Programs.Run(["kill", undo.Kind == "end" ? "-KILL" : "-CONT", $"{undo.Pid}"]);
                    break;
                case "run":
                    Programs.Run(undo.Argv!);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is gone, and with it what there was to restore.
        }
    }

    /// <summary>Into the file itself where it is still the same one: who has it open shall see it.</summary>
    private static void Put(string backup, string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) return;
        var bytes = File.ReadAllBytes(backup);
        using (var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Write(bytes);
            file.SetLength(bytes.Length);
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, File.GetUnixFileMode(backup));
        File.Delete(backup);
    }

    private int Next()
    {
        lock (_gate) return _next++;
    }

    private void Add(Undo undo)
    {
        lock (_gate)
        {
            _open.Add(undo);
            Append(undo);
        }
    }

    private void Append(Undo undo)
    {
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(undo, UndoJson.Default.Undo));
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    private static Undo? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, UndoJson.Default.Undo);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Undo))]
internal sealed partial class UndoJson : JsonSerializerContext;

/// <summary>Runs the machine's own programs.</summary>
internal static class Programs
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    /// <returns>The exit code and all output; 127 where there is no such program.</returns>
    public static (int ExitCode, string Output) Run(IReadOnlyList<string> argv)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(argv[0], argv.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(Within)) process.Kill();
            return (process.HasExited ? process.ExitCode : 124, output + error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (127, e.Message);
        }
    }

    public static bool Has(string program) => Environment.GetEnvironmentVariable("PATH")?.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))) ?? false;
}
