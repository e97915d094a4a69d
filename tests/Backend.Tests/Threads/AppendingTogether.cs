using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Threads;

/// <summary>What many threads have waiting is committed as one transaction, in which each thread's head moves once.</summary>
public sealed class AppendingTogether : IAsyncLifetime
{
    private const int Threads = 20;
    private const int EventsOfEach = 10;

    private readonly TestState _state = new();
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly BackendDatabase _database;
    private readonly LogAppender _appender;
    private readonly ThreadLog _log;

    public AppendingTogether()
    {
        _database = new BackendDatabase(Options.Create(new DatabaseOptions()), new StateFolder(_state.Root), new DependencyBreakers(TimeProvider.System));
        _log = new ThreadLog(_database);
        _appender = new LogAppender(
            _database, new ThreadHub(), new ThreadMetrics(_meters.GetRequiredService<IMeterFactory>()), TimeProvider.System, NullLogger<LogAppender>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        await _database.EnsureCreatedAsync(CancellationToken.None);
        await new Migrations(_database, NullLogger<Migrations>.Instance).ApplyAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Every_thread_has_its_events_in_order_though_all_wrote_at_once()
    {
        var stop = TestContext.Current.CancellationToken;
        var writers = await WritersAsync();

        await Task.WhenAll(Enumerable.Range(1, EventsOfEach).SelectMany(n => writers.Select(writer => writer.AppendAsync([Event(n)], []))));

        foreach (var writer in writers)
        {
            var entries = await _log.ReadAsync(writer.Key, 0, 1000, stop);
            Assert.Equal(Enumerable.Range(1, EventsOfEach).Select(n => (long)n), entries.Select(entry => entry.Seq));
            Assert.Equal(Enumerable.Range(1, EventsOfEach).Select(Text), entries.Select(entry => Encoding.UTF8.GetString(entry.Event.Span)));
            Assert.Equal(EventsOfEach, await _log.HeadAsync(writer.Key, stop));
        }
    }

    [Fact]
    public async Task A_writer_that_does_not_know_the_head_fails_alone()
    {
        var stop = TestContext.Current.CancellationToken;
        var writers = await WritersAsync();
        var stale = new ThreadWriter(writers[0].Key, _appender, _log, 7);

        var failing = stale.AppendAsync([Event(1)], []);
        await Task.WhenAll(writers.Select(writer => writer.AppendAsync([Event(1)], [])));

        await Assert.ThrowsAsync<AppendFailedException>(() => failing);
        foreach (var writer in writers) Assert.Equal(1, await _log.HeadAsync(writer.Key, stop));
    }

    [Fact]
    public void Parts_of_a_thread_must_follow_each_other()
    {
        var key = KeyOf(0);
        LogAppend Part(long head) => new(key, head, [LogEntry.Create(new FrameHead(key.ThreadId), head + 1, Event(1))], [], null);

        var one = Assert.Single(ThreadAppends.Of([Part(0), Part(1), Part(2)]));

        Assert.Equal((0L, 3L), (one.ExpectedHead, one.LastSeq));
        Assert.Equal([1L, 2L, 3L], one.Entries.Select(entry => entry.Seq));
        Assert.Throws<AppendFailedException>(() => ThreadAppends.Of([Part(0), Part(2)]));
    }

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync();
        await _database.DisposeAsync();
        await _meters.DisposeAsync();
        _state.Dispose();
    }

    private async Task<IReadOnlyList<ThreadWriter>> WritersAsync()
    {
        var writers = Enumerable.Range(0, Threads).Select(n => new ThreadWriter(KeyOf(n), _appender, _log, 0)).ToList();
        await Task.WhenAll(writers.Select(writer => writer.AppendAsync([], [], newThread: "A thread")));
        return writers;
    }

    private static ThreadKey KeyOf(int thread) =>
        ThreadKey.Of(new AccessToken(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Guid.Empty, "", "", "", "", "", DateTimeOffset.MaxValue, false), $"thread \"{thread}\"");

    private static byte[] Event(int number) => Encoding.UTF8.GetBytes(Text(number));

    private static string Text(int number) => $$"""{"type":"CUSTOM","n":{{number}}}""";
}
