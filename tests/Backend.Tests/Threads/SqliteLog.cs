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

/// <summary>The log on a SQLite file of its own, without a service around it.</summary>
internal sealed class SqliteLog : IAsyncDisposable
{
    private readonly TestState _state = new();
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public SqliteLog()
    {
        Database = new BackendDatabase(Options.Create(new DatabaseOptions()), new StateFolder(_state.Root), new DependencyBreakers(TimeProvider.System), NullLogger<BackendDatabase>.Instance);
        Log = new ThreadLog(Database, NullLogger<ThreadLog>.Instance);
    }

    public BackendDatabase Database { get; }

    public ThreadLog Log { get; }

    public async Task CreateAsync()
    {
        await Database.EnsureCreatedAsync(CancellationToken.None);
        await new Migrations(Database, NullLogger<Migrations>.Instance).ApplyAsync(CancellationToken.None);
    }

    /// <summary>An appender of its own, which knows of others what stands in the file.</summary>
    public LogAppender NewAppender() =>
        new(Database, new ThreadHub(), new ThreadMetrics(_meters.GetRequiredService<IMeterFactory>()), TimeProvider.System, NullLogger<LogAppender>.Instance);

    /// <summary>Writers of so many new threads.</summary>
    public async Task<List<ThreadWriter>> NewWritersAsync(LogAppender appender, int count)
    {
        var writers = Writers(appender, new long[count]);
        await Task.WhenAll(writers.Select(writer => writer.AppendAsync([], [], newThread: "A thread")));
        return writers;
    }

    /// <summary>Writers of threads that are there, by their heads.</summary>
    public List<ThreadWriter> Writers(LogAppender appender, long[] heads) => [.. heads.Select((head, thread) => new ThreadWriter(KeyOf(thread), appender, Log, head))];

    public static ThreadKey KeyOf(int thread) =>
        ThreadKey.Of(new AccessToken(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Guid.Empty, "", "", "", "", "", DateTimeOffset.MaxValue, false), $"thread \"{thread}\"");

    public static byte[] Event(int number, int more = 0) => Encoding.UTF8.GetBytes(Text(number, more));

    public static string Text(long number, int more = 0) => $$"""{"type":"CUSTOM","n":{{number}},"more":"{{new string('x', more)}}"}""";

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _meters.DisposeAsync();
        _state.Dispose();
    }
}
