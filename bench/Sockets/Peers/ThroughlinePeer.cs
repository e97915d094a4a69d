using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Throughline.Backend.Database;
using Throughline.Backend.Threads;
using Throughline.Backend.Users;
using Throughline.Contracts.Accounts;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>
/// The backend's own process, as it is: this only publishes, with the class that a run publishes with. An event is numbered, committed with what other threads
/// have waiting, handed to the subscribers of its thread, and sent.
/// </summary>
internal sealed class ThroughlinePeer(IServiceProvider services) : IPeer
{
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 50 }; // databases have their limits

    private readonly BackendDatabase _database = services.GetRequiredService<BackendDatabase>();
    private readonly LogAppender _appender = services.GetRequiredService<LogAppender>();
    private readonly ThreadLog _log = services.GetRequiredService<ThreadLog>();
    private ThreadWriter[] _writers = [];
    private Task[] _last = [];

    public static void Attach(IHost host)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStarted.Register(() => _ = ServeAsync(host.Services));
    }

    /// <summary>Several nodes have a database in common: what is there already is left.</summary>
    public async Task PrepareAsync(int streams)
    {
        var now = TimeProvider.System.GetUtcNow();
        var users = Enumerable.Range(0, streams).Select(n => new UserChange(0, UserChangeKind.Upserted, Members.IdOf(n), 1, now, $"user-{n}@example.com", $"User {n}", "free", "user"));
        await services.GetRequiredService<UserChangeWriter>().ApplyAsync(new UserChanges([.. users], Next: 0), CancellationToken.None);
        _writers = new ThreadWriter[streams];
        await Parallel.ForAsync(0, streams, AtOnce, async (stream, _) => _writers[stream] = await WriterAsync(stream));
        _last = new Task[streams];
        Array.Fill(_last, Task.CompletedTask);
    }

    public ValueTask PublishAsync(int stream, long number)
    {
        _last[stream] = _writers[stream].AppendAsync([Event.Create(number)], []);
        return ValueTask.CompletedTask;
    }

    /// <summary>A thread's appends succeed in order, so its last one speaks for all.</summary>
    public Task FlushAsync() => Task.WhenAll(_last);

    public async Task<string> AnswerAsync(string[] command) => command switch
    {
        ["fill", var events] => await FillAsync(int.Parse(events, CultureInfo.InvariantCulture)),
        ["append", var seconds] => Rate(await AppendAsync(Seconds(seconds)), Seconds(seconds)),
        ["insert", var seconds, var atOnce] => Rate(await InsertAsync(Seconds(seconds), int.Parse(atOnce, CultureInfo.InvariantCulture)), Seconds(seconds)),
        _ => throw new NotSupportedException(),
    };

    private static async Task ServeAsync(IServiceProvider services)
    {
        var address = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        try
        {
            await PeerControl.RunAsync(new ThroughlinePeer(services), address);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"The bench's control ended: {e}"); // nobody awaits this task
            throw;
        }
    }

    private async Task<ThreadWriter> WriterAsync(int stream)
    {
        var key = ThreadKey.Of(Members.OwnerOf(stream), Members.ThreadId);
        var writer = new ThreadWriter(key, _appender, _log, await _log.HeadAsync(key, CancellationToken.None) ?? 0);
        if (writer.Head == 0) await writer.AppendAsync([], [], newThread: "bench");
        return writer;
    }

    /// <summary>Makes stream 0 that much longer.</summary>
    private async Task<string> FillAsync(int events)
    {
        const int AtOnce = 1000;
        for (var done = 0; done < events; done += AtOnce)
            await _writers[0].AppendAsync([.. Enumerable.Range(done + 1, AtOnce).Select(n => Event.Create(n))], []);
        return "ok";
    }

    /// <summary>All streams at once, each with four events that are not yet durable.</summary>
    private async Task<long> AppendAsync(TimeSpan duration)
    {
        const int InFlight = 4;
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(_writers.Select(writer => Task.Run(async () =>
        {
            var (unwritten, count) = (new Queue<Task>(), 0L);
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                unwritten.Enqueue(writer.AppendAsync([Event.Create(++count)], []));
                if (unwritten.Count == InFlight) await unwritten.Dequeue();
            }

            await Task.WhenAll(unwritten);
            return count;
        })));
        return counts.Sum();
    }

    /// <summary>What is compared with: the same table, each event an INSERT and a transaction of its own.</summary>
    private async Task<long> InsertAsync(TimeSpan duration, int atOnce)
    {
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(writer => Task.Run(async () =>
        {
            await using var connection = await _database.OpenAsync(CancellationToken.None);
            await using var insert = connection.Command("INSERT INTO events (thread_no, seq, event) VALUES (@thread, @seq, @event)");
            // Beyond every thread and number that there is.
            var (_, seq, json) = (insert.Add("thread", 1_000_000_000L + (began / 1000 % 1_000_000_000 * 100) + writer), insert.Add("seq", 0L), insert.Add("event", Array.Empty<byte>()));
            await insert.PrepareAsync();
            var count = 0L;
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                (seq.Value, json.Value) = (++count, Event.Create(count));
                await insert.ExecuteNonQueryAsync();
            }

            return count;
        })));
        return counts.Sum();
    }

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture));

    private static string Rate(long events, TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"ok {events / duration.TotalSeconds}");
}
