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
    private StreamWriter _writer;

    public ServiceLog(string folder, string name, TimeProvider time)
    {
        _path = Path.Combine(folder, $"{name}.log");
        _time = time;
        _writer = Open();
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
            : $"{_time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {line}";
        lock (_gate)
        {
            _last.Enqueue(line);
            if (_last.Count > LinesKept)
                _last.Dequeue();
            _writer.WriteLine(stamped);
            if (_writer.BaseStream.Length > RotateAt)
                Rotate();
        }
    }

    public void Clear()
    {
        lock (_gate)
            _last.Clear();
    }

    public void Dispose() => _writer.Dispose();

    private void Rotate()
    {
        _writer.Dispose();
        File.Move(_path, Path.ChangeExtension(_path, ".1.log"), overwrite: true);
        _writer = Open();
    }

    private StreamWriter Open() =>
        new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false)) { AutoFlush = true };
}
