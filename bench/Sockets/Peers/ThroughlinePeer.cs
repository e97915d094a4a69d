using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Throughline.Backend.Breakers;
using Throughline.Backend.Database;
using Throughline.Backend.Gateway;
using Throughline.Backend.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>The backend's own way, from the log to the socket: numbered, committed to SQLite with <c>synchronous=full</c>, handed to subscribers, sent. As with
/// the peers, nobody is asked who he is.</summary>
internal sealed class ThroughlinePeer : IPeer
{
    private const int MostUnwritten = 128; // as a run's journal

    private static readonly AccessToken Reader = new(Guid.CreateVersion7(), Guid.CreateVersion7(), "", "", "", "", "", DateTimeOffset.MaxValue, false);

    private readonly string _state = Directory.CreateTempSubdirectory("throughline-bench-").FullName;
    private readonly Queue<Task> _unwritten = new();
    private ThreadWriter _writer = null!;

    public ThroughlinePeer(WebApplicationBuilder builder)
    {
        builder.Configuration["State:Directory"] = _state;
        builder.AddServiceDefaults("backend");
        builder.Logging.ClearProviders();
        builder.Services.AddOptions<DatabaseOptions>();
        builder.Services.AddSingleton(new DependencyBreakers(TimeProvider.System));
        builder.Services.AddSingleton<BackendDatabase>().AddSingleton<Migrations>();
        builder.Services.AddSingleton<ThreadHub>().AddSingleton<ThreadLog>().AddSingleton<ThreadMetrics>().AddSingleton<LogAppender>();
        builder.Services.AddSingleton<ThreadBell>(_ => null!);
    }

    public async Task MapAsync(WebApplication app)
    {
        var services = app.Services;
        var (database, hub, log) = (services.GetRequiredService<BackendDatabase>(), services.GetRequiredService<ThreadHub>(), services.GetRequiredService<ThreadLog>());
        await database.EnsureCreatedAsync(CancellationToken.None);
        await services.GetRequiredService<Migrations>().ApplyAsync(CancellationToken.None);
        _writer = new ThreadWriter(ThreadKey.Of(Reader, "bench"), services.GetRequiredService<LogAppender>(), log, 0);
        await _writer.AppendAsync([], [], newThread: "bench");

        var (options, metrics) = (new GatewayOptions(), new GatewayMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), null!)); // its gauge is read by nobody
        app.Map("/ws", async context =>
        {
            using var connection = new Connection(await context.WebSockets.AcceptWebSocketAsync(), Reader, options, hub);
            connection.Subscribe("bench", _writer.Head);
            var sending = new SocketSender(connection, log, metrics, TimeProvider.System, NullLogger.Instance).RunAsync(context.RequestAborted);
            await new SocketReader(connection, (_, _) => Task.CompletedTask, TimeProvider.System).RunAsync(context.RequestAborted);
            connection.Close(CloseReason.Normal);
            await sending;
        });
    }

    public async ValueTask PublishAsync()
    {
        _unwritten.Enqueue(_writer.AppendAsync([Event.Now()], []));
        while (_unwritten.TryPeek(out var oldest) && (oldest.IsCompleted || _unwritten.Count > MostUnwritten)) await _unwritten.Dequeue();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_state, recursive: true);
        return ValueTask.CompletedTask;
    }
}
