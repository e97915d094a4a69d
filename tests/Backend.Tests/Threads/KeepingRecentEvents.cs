using System.Text;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Threads;

/// <summary>SQLite's newest events stand in a table of their own and move on while others come: nobody who reads can tell.</summary>
public sealed class KeepingRecentEvents : IAsyncLifetime
{
    private const int Threads = 60;
    private const int PagesEach = 50;
    private const int MoreOfEach = 2000; // bytes, so that a few thousand events are several sweeps

    private readonly SqliteLog _file = new();
    private readonly Random _random = new(SuiteSize.Seed);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _file.CreateAsync();

    [Fact]
    public async Task Whoever_reads_meanwhile_sees_each_event_once_and_in_order()
    {
        await using var appender = _file.NewAppender();
        var writers = await _file.NewWritersAsync(appender, Threads);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var pages = new int[3]; // that each reader has read
        var reading = pages.Index().Select(reader => Task.Run(() => ReadOnAsync(writers, new Random(SuiteSize.Seed + reader.Index), pages.AsMemory(reader.Index, 1), over.Token))).ToList();

        // For as long as it takes each of them to have read something, unless one of them found a fault.
        for (var round = 0; reading.All(reader => !reader.IsCompleted) && (round < SuiteSize.Of(150, 1500) || pages.Min() < PagesEach); round++) await AppendAsync(writers);

        await over.CancelAsync();
        await Task.WhenAll(reading);
        foreach (var writer in writers) await AssertWholeAsync(writer.Key, writer.Head);
        // Some of it has moved on, and what is left is about what comes in while a sweep goes on.
        Assert.InRange(await NumberAsync("SELECT count(*) FROM events"), 1, long.MaxValue);
        Assert.InRange(await NumberAsync("SELECT sum(length(event)) FROM recent_events"), 0, 16L << 20);
    }

    [Fact]
    public async Task A_sweep_that_was_broken_off_begins_anew_and_changes_nothing()
    {
        var heads = new long[Threads];
        for (var life = 0; life < 8; life++)
        {
            // One that ends in the midst of it, whenever that is, and knows nothing of the one before.
            await using var appender = _file.NewAppender();
            var writers = life == 0 ? await _file.NewWritersAsync(appender, Threads) : _file.Writers(appender, heads);
            for (var round = 0; round < 20 + life; round++)
            {
                await AppendAsync(writers);
                // What else was written with it fails: the transaction goes, and a step of the sweep with it.
                await Assert.ThrowsAsync<AppendFailedException>(() => writers[0].AppendAsync([SqliteLog.Event(1)], [new Failing()]));
                await writers[0].RecoverAsync(Stop);
            }

            heads = [.. writers.Select(writer => writer.Head)];
        }

        for (var thread = 0; thread < Threads; thread++) await AssertWholeAsync(SqliteLog.KeyOf(thread), heads[thread]);
    }

    [Fact]
    public async Task An_erased_thread_is_gone_from_both()
    {
        await using var appender = _file.NewAppender();
        var writers = await _file.NewWritersAsync(appender, Threads);
        // Until a sweep has copied what it has not removed.
        while (await NumberAsync("SELECT count(*) FROM recent_events r JOIN events e ON e.thread_no = r.thread_no AND e.seq = r.seq") == 0) await AppendAsync(writers);

        foreach (var writer in writers.Take(Threads / 2)) Assert.True(await new ThreadEraser(_file.Database, new ThreadHub()).EraseAsync(writer.Key, Stop));

        foreach (var table in (string[])["events", "recent_events"])
            Assert.Equal(0, await NumberAsync($"SELECT count(*) FROM {table} WHERE thread_no NOT IN (SELECT thread_no FROM threads)"));
        foreach (var writer in writers.Skip(Threads / 2)) await AssertWholeAsync(writer.Key, writer.Head);
    }

    [Fact]
    public async Task What_comes_after_the_newest_were_erased_is_not_taken_for_them()
    {
        await using var appender = _file.NewAppender();
        var writers = await _file.NewWritersAsync(appender, Threads);
        var kept = writers.Take(Threads / 6).ToList();
        // Until a sweep has passed the threads that are kept, which stand first, and has not removed anything.
        while (await NumberAsync($"SELECT count(DISTINCT e.thread_no) FROM recent_events r JOIN events e ON e.thread_no = r.thread_no AND e.seq = r.seq") <= kept.Count) await AppendAsync(writers);

        foreach (var writer in writers.Skip(kept.Count)) Assert.True(await new ThreadEraser(_file.Database, new ThreadHub()).EraseAsync(writer.Key, Stop));
        for (var round = 0; round < 20; round++) await AppendAsync(kept);

        foreach (var writer in kept) await AssertWholeAsync(writer.Key, writer.Head);
    }

    public async ValueTask DisposeAsync() => await _file.DisposeAsync();

    /// <summary>Some of them append some events each.</summary>
    private Task AppendAsync(List<ThreadWriter> writers) => Task.WhenAll(writers.Where(_ => _random.Next(3) > 0).Select(writer =>
    {
        var events = Enumerable.Range(1, _random.Next(1, 4)).Select(n => SqliteLog.Event((int)writer.Head + n, MoreOfEach)).ToList();
        return writer.AppendAsync(events, []);
    }).ToList());

    /// <summary>Reads pages, each without a gap, and with what was durable before, and counts them.</summary>
    private async Task ReadOnAsync(List<ThreadWriter> writers, Random random, Memory<int> pages, CancellationToken over)
    {
        for (; !over.IsCancellationRequested; Interlocked.Increment(ref pages.Span[0]))
        {
            var writer = writers[random.Next(writers.Count)];
            var durable = await _file.Log.HeadAsync(writer.Key, Stop) ?? 0;
            var after = random.NextInt64(durable + 1);
            var entries = await _file.Log.ReadAsync(writer.Key, after, 40, Stop);
            Assert.True(entries.Count >= Math.Min(40, durable - after), $"seed {SuiteSize.Seed}: {entries.Count} entries after {after} of {durable}");
            AssertRun(after, entries);
        }
    }

    private async Task AssertWholeAsync(ThreadKey key, long head)
    {
        var after = 0L;
        while (await _file.Log.ReadAsync(key, after, 100, Stop) is { Count: > 0 } page)
        {
            AssertRun(after, page);
            after = page[^1].Seq;
        }

        Assert.Equal(head, after);
    }

    private Task<long> NumberAsync(string query) => _file.Database.ReadAsync(connection => connection.ScalarAsync<long>(query, Stop), Stop);

    private static void AssertRun(long after, List<LogEntry> entries)
    {
        Assert.Equal(Enumerable.Range(1, entries.Count).Select(n => after + n), entries.Select(entry => entry.Seq));
        Assert.All(entries, entry => Assert.Equal(SqliteLog.Text(entry.Seq, MoreOfEach), Encoding.UTF8.GetString(entry.Event.Span)));
    }

    private sealed class Failing : ILogWrite
    {
        public Task ExecuteAsync(LogTransaction transaction) => throw new AppendFailedException("It was meant to fail.", null);
    }
}
