using System.Text;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Tests.Threads;

/// <summary>What many threads have waiting is committed as one transaction, in which each thread's head moves once.</summary>
public sealed class AppendingTogether : IAsyncLifetime
{
    private const int Threads = 20;
    private const int EventsOfEach = 10;

    private readonly SqliteLog _file = new();
    private LogAppender _appender = null!;

    private ThreadLog Log => _file.Log;

    public async ValueTask InitializeAsync()
    {
        await _file.CreateAsync();
        _appender = _file.NewAppender();
    }

    [Fact]
    public async Task Every_thread_has_its_events_in_order_though_all_wrote_at_once()
    {
        var stop = TestContext.Current.CancellationToken;
        var writers = await _file.NewWritersAsync(_appender, Threads);

        await Task.WhenAll(Enumerable.Range(1, EventsOfEach).SelectMany(n => writers.Select(writer => writer.AppendAsync([SqliteLog.Event(n)], []))));

        foreach (var writer in writers)
        {
            var entries = await Log.ReadAsync(writer.Key, 0, 1000, stop);
            Assert.Equal(Enumerable.Range(1, EventsOfEach).Select(n => (long)n), entries.Select(entry => entry.Seq));
            Assert.Equal(Enumerable.Range(1, EventsOfEach).Select(n => SqliteLog.Text(n)), entries.Select(entry => Encoding.UTF8.GetString(entry.Event.Span)));
            Assert.Equal(EventsOfEach, await Log.HeadAsync(writer.Key, stop));
        }
    }

    [Fact]
    public async Task A_writer_that_does_not_know_the_head_fails_alone()
    {
        var stop = TestContext.Current.CancellationToken;
        var writers = await _file.NewWritersAsync(_appender, Threads);
        var stale = new ThreadWriter(writers[0].Key, _appender, Log, 7);

        var failing = stale.AppendAsync([SqliteLog.Event(1)], []);
        await Task.WhenAll(writers.Select(writer => writer.AppendAsync([SqliteLog.Event(1)], [])));

        await Assert.ThrowsAsync<AppendFailedException>(() => failing);
        foreach (var writer in writers) Assert.Equal(1, await Log.HeadAsync(writer.Key, stop));
    }

    [Fact]
    public void Parts_of_a_thread_must_follow_each_other()
    {
        var key = SqliteLog.KeyOf(0);
        LogAppend Part(long head) => new(key, head, [LogEntry.Create(new FrameHead(key.ThreadId), head + 1, SqliteLog.Event(1))], [], null);

        var one = Assert.Single(ThreadAppends.Of([Part(0), Part(1), Part(2)]));

        Assert.Equal((0L, 3L), (one.ExpectedHead, one.LastSeq));
        Assert.Equal([1L, 2L, 3L], one.Entries.Select(entry => entry.Seq));
        Assert.Throws<AppendFailedException>(() => ThreadAppends.Of([Part(0), Part(2)]));
    }

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync();
        await _file.DisposeAsync();
    }
}
