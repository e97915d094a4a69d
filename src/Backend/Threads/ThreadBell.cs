using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using StackExchange.Redis;
using Throughline.Backend.Breakers;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

/// <summary>
/// Calls out to the other nodes, through the key-value store, which threads have become longer, and hears them: a node reads what its own
/// subscribers follow once from the log, and hands it on as if it had been appended here. A call that is lost costs up to a second: then
/// <see cref="Runs.RunRecovery"/> has looked. That a thread is gone is called out too; where that is lost, its followers find out when they read on.
/// </summary>
/// <remarks>The call holds no event, so whoever can write to the store can make nodes look at the log, or tell who follows a thread that it is gone, and no more.</remarks>
internal sealed partial class ThreadBell(
    KeyValueStore store, DependencyBreakers breakers, ThreadHub hub, ThreadLog log, ServiceIdentity identity, ILogger<ThreadBell> logger) : BackgroundService
{
    private const int ThreadsARead = 256;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 4 };

    private readonly Channel<Appended> _toCall = Unbounded();
    private readonly Channel<Appended> _heard = Unbounded();

    /// <summary>Tells the other nodes of appends that are durable. Does not wait.</summary>
    public void Ring(ThreadKey thread, long after, long head) => _toCall.Writer.TryWrite(new(thread.ToString(), after, head));

    /// <summary>Tells the other nodes that a thread is gone. Does not wait.</summary>
    public void RingErased(ThreadKey thread) => _toCall.Writer.TryWrite(new(thread.ToString(), 0, 0, IsErased: true));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var hearing = await store.SubscribeAsync(StoreKeys.Appends, Hear, stoppingToken);
        try
        {
            await Task.WhenAll(EachBatchAsync(_toCall.Reader, CallAsync, stoppingToken), EachBatchAsync(_heard.Reader, FetchAsync, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    /// <summary>Works on all that waits at once, one entry for each thread; one that was erased may have begun anew since.</summary>
    private static async Task EachBatchAsync(ChannelReader<Appended> reader, Func<IReadOnlyCollection<Appended>, CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        var batch = new Dictionary<(string Thread, bool IsErased), Appended>();
        while (await reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            while (reader.TryRead(out var next))
                batch[(next.Thread, next.IsErased)] = batch.TryGetValue((next.Thread, next.IsErased), out var before)
                    ? before with { After = Math.Min(before.After, next.After), Head = Math.Max(before.Head, next.Head) }
                    : next;
            await work(batch.Values, stoppingToken);
        }
    }

    private async Task CallAsync(IReadOnlyCollection<Appended> batch, CancellationToken stoppingToken)
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(new AppendCall(identity.Instance, batch), BellJson.Default.AppendCall);
        try
        {
            await breakers.Store.ExecuteAsync(
                async stop => await (await store.MultiplexerAsync(stop)).GetSubscriber().PublishAsync(StoreKeys.Appends, message).WaitAsync(stop), stoppingToken);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e))
        {
            // /api/breakers tells it; the other nodes find out by looking.
        }
    }

    private void Hear(RedisValue message)
    {
        try
        {
            if (JsonSerializer.Deserialize((byte[])message!, BellJson.Default.AppendCall) is not { Threads: { } threads } call || call.Node == identity.Instance) return;
            foreach (var appended in threads)
            {
                var thread = ThreadKey.Parse(appended.Thread);
                if (appended.IsErased) hub.TellErased(thread);
                else if (hub.HasSubscribers(thread)) _heard.Writer.TryWrite(appended);
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            Log.NotUnderstood(logger, e.Message);
        }
    }

    private Task FetchAsync(IReadOnlyCollection<Appended> batch, CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(batch.Chunk(ThreadsARead), AtOnce, async (some, _) =>
        {
            try
            {
                await log.ReadAsync([.. some.Select(appended => new LogSpan(ThreadKey.Parse(appended.Thread), appended.After, appended.Head))], hub.Publish, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && (Unavailability.Is(e) || e is DbException))
            {
                Log.NotRead(logger, some.Length, e.Message);
            }
        });

    private static Channel<Appended> Unbounded() => Channel.CreateUnbounded<Appended>(new() { SingleReader = true });

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What other nodes appended to {Threads} threads could not be read now: {Reason}")]
        public static partial void NotRead(ILogger logger, int threads, string reason);

        [LoggerMessage(2, LogLevel.Debug, "A call that no node of ours can have made: {Reason}")]
        public static partial void NotUnderstood(ILogger logger, string reason);
    }
}

/// <param name="Node">Who calls: a node has its own appends already.</param>
internal sealed record AppendCall(Guid Node, IReadOnlyCollection<Appended> Threads);

/// <summary>Entries <c>After + 1</c> to <c>Head</c> are durable.</summary>
/// <param name="Thread"><see cref="ThreadKey.ToString"/>.</param>
/// <param name="IsErased">The thread is gone instead, with all its entries.</param>
internal sealed record Appended(string Thread, long After, long Head, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsErased = false);

[JsonSerializable(typeof(AppendCall))]
internal sealed partial class BellJson : JsonSerializerContext;
