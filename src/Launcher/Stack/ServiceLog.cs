using System.Globalization;
using System.Text;

namespace Throughline.Launcher.Stack;

/// <summary>What a service says, kept in <c>logs/&lt;name&gt;.log</c>; the last lines also here, for when it dies.</summary>
internal sealed class ServiceLog : IDisposable
{
    private const int LinesKept = 15;
    private const long RotateAt = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private StreamWriter? _writer;
    private int _lost;

    public ServiceLog(string folder, string name, TimeProvider time)
    {
        _path = Path.Combine(folder, $"{name}.log");
        _time = time;
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Last
    {
        get
        {
            lock (_gate)
                return [.. _last];
        }
    }

    /// <summary>Takes a line as the service's logger wrote it, or gives one that has no time the present one.</summary>
    public void Write(string line)
    {
        var stamped = line.Length > 20 && char.IsAsciiDigit(line[0]) && line[10] == 'T'
            ? line
            : $"{Now()} {line}";
        lock (_gate)
        {
            _last.Enqueue(line);
            if (_last.Count > LinesKept)
                _last.Dequeue();
            TryKeep(stamped);
        }
    }

    public void Clear()
    {
        lock (_gate)
            _last.Clear();
    }

    public void Dispose() => _writer?.Dispose();

    /// <summary>A full disk costs lines, and how many is told once there is room; the service that said them goes on.</summary>
    private void TryKeep(string line)
    {
        try
        {
            _writer ??= Open();
            if (_lost > 0)
                _writer.WriteLine($"{Now()} warn: Throughline.Launcher[1] {_lost} lines before this one could not be written here");
            _lost = 0;
            _writer.WriteLine(line);
            if (_writer.BaseStream.Length > RotateAt)
                Rotate();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _lost++;
        }
    }

    private void Rotate()
    {
        _writer!.Dispose();
        _writer = null;
        File.Move(_path, Path.ChangeExtension(_path, ".1.log"), overwrite: true);
    }

    // Unbuffered: what could not be written shall not be tried again before the next line.
    private StreamWriter Open() =>
        new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), new UTF8Encoding(false)) { AutoFlush = true };

    private string Now() => _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
