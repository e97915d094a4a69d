using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Throughline.Client.Connection;
using Throughline.Client.Tokens;

namespace Throughline.Client.Tests.Connection;

/// <summary>A server and a connection to it, and the waits that tests share: one generous limit, and a message that names what is missing.</summary>
internal sealed class Situation : IAsyncDisposable
{
    private readonly Channel<ConnectionState> _states = Channel.CreateUnbounded<ConnectionState>();
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private Situation(ScriptedServer server, ThreadConnection connection, FakeTimeProvider time)
    {
        (Server, Connection, Time) = (server, connection, time);
        connection.StateChanged += state => _states.Writer.TryWrite(state);
        _limit.CancelAfter(TimeSpan.FromSeconds(20));
    }

    public ScriptedServer Server { get; }

    public ThreadConnection Connection { get; }

    public FakeTimeProvider Time { get; }

    public CancellationToken Stop => _limit.Token;

    /// <param name="frozen">Whether waits pass only when the test advances <see cref="Time"/>.</param>
    public static async Task<Situation> BeginAsync(
        IAccessTokenSource? tokens = null, bool frozen = false, Func<ThreadConnectionOptions, ThreadConnectionOptions>? configure = null)
    {
        var time = new FakeTimeProvider();
        var options = new ThreadConnectionOptions { FirstBackoff = TimeSpan.FromMilliseconds(5), LongestBackoff = TimeSpan.FromMilliseconds(20) };
        if (frozen)
            options = new ThreadConnectionOptions { Time = time };
        var server = await ScriptedServer.StartAsync();
        return new Situation(
            server, new ThreadConnection(server.Address, tokens ?? new TestTokens(9), configure?.Invoke(options) ?? options), time);
    }

    /// <summary>The next state of this phase.</summary>
    public async Task<ConnectionState> BecomesAsync(ConnectionPhase phase, Func<ConnectionState, bool>? match = null)
    {
        try
        {
            while (true)
            {
                var state = await _states.Reader.ReadAsync(Stop);
                if (state.Phase == phase && match?.Invoke(state) != false)
                    return state;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The connection never became {phase}; it is {Connection.State}.");
        }
    }

    /// <summary>Reads a thread; the <c>seq</c> of each event as it comes.</summary>
    public ChannelReader<long> Read(string threadId, long after)
    {
        var seqs = Channel.CreateUnbounded<long>();
        _ = PumpAsync();
        return seqs.Reader;

        async Task PumpAsync()
        {
            try
            {
                await foreach (var entry in Connection.ReadEventsAsync(threadId, after, Stop))
                    seqs.Writer.TryWrite(entry.Seq);
            }
            catch (Exception ended)
            {
                seqs.Writer.TryComplete(ended); // whoever reads on gets it
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Server.DisposeAsync();
        _limit.Dispose();
    }
}
