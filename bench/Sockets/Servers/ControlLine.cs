using System.Net.Sockets;
using Throughline.Bench.Sockets.Peers;

namespace Throughline.Bench.Sockets.Servers;

/// <summary>The bench's line to a server: see <see cref="PeerControl"/>.</summary>
internal sealed class ControlLine : IDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(120);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private StreamReader? _reader;
    private StreamWriter? _writer;

    public ControlLine()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1);
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"throughline-bench-{Guid.NewGuid():N}");

    /// <summary>Waits for the server.</summary>
    /// <returns>Where it listens.</returns>
    public async Task<Uri> AcceptAsync()
    {
        var stream = new NetworkStream(await _listener.AcceptAsync().WaitAsync(StartWithin), ownsSocket: true);
        (_reader, _writer) = (new StreamReader(stream), new StreamWriter(stream) { AutoFlush = true });
        return await _reader.ReadLineAsync() is ['r', 'e', 'a', 'd', 'y', ' ', .. var url] ? new Uri(url) : throw new InvalidOperationException("The server did not say where it listens.");
    }

    /// <returns>What follows <c>ok</c>.</returns>
    public async Task<string> AskAsync(string command)
    {
        await _writer!.WriteLineAsync(command);
        var answer = await _reader!.ReadLineAsync().WaitAsync(AnswerWithin);
        return answer is ['o', 'k', .. var rest] ? rest.Trim() : throw new InvalidOperationException($"{command}: {answer ?? "the server is gone"}");
    }

    public Task TellAsync(string command) => _writer!.WriteLineAsync(command);

    public void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        _listener.Dispose();
        File.Delete(Path);
    }
}
