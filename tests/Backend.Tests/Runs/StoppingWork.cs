using System.Diagnostics;
using DuckDB.NET.Data;
using Throughline.Analysis.Import;
using Throughline.Backend.Agents;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Tests.Agents;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Tests.Runs;

/// <summary>A query that would run for long: the pipeline alone, over a big file made for it.</summary>
public sealed class StoppingWork(BigFile big) : IClassFixture<BigFile>
{
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Cancelling_interrupts_the_query_that_runs()
    {
        var stop = TestContext.Current.CancellationToken;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var run = new RecordedRun("What did we spend by user and by feature?", big.File);
        var work = Pipeline.RunAsync(run, cancel.Token);
        await run.FirstCall.WaitAsync(stop);
        Assert.False(work.IsCompleted);

        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();
        // The pipeline's own end, not the run's: it comes after the session is closed, which waits for the query.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        TestContext.Current.TestOutputHelper!.WriteLine($"stopped after {watch.ElapsedMilliseconds} ms");
        Assert.True(watch.Elapsed < Within, $"The query ended {watch.ElapsedMilliseconds} ms after the cancel.");
    }
}

/// <summary>Usage data of twenty million rows, which no breakdown is through with within a second.</summary>
public sealed class BigFile : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("throughline-big-");

    internal AttachedFile File { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var path = Path.Combine(_folder.FullName, "big.parquet");
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE usage ({UsageSchema.Columns}
            );
            COPY (SELECT u.* REPLACE (
                    i + 1 AS row_number, i + 2 AS source_line, TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * (i % 7000000) AS "at", 'gpt-4o' AS model,
                    'user-' || (i * 7919 % 50000) AS user_id, 'feature-' || (i * 104729 % 3000) AS feature, 1 AS requests, i % 4000 AS input_uncached,
                    0 AS cache_read, 0 AS cache_write_5m, 0 AS cache_write_1h, i % 900 AS output, 0 AS reasoning, false AS is_batch)
                FROM range({Rows}) r(i) LEFT JOIN usage u ON false)
            TO '{path}' (FORMAT parquet)
            """;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        File = new AttachedFile(new UsageFile(Guid.CreateVersion7(), "big.parquet", 1, new string('0', 64), "csv", Rows, [], new RefusedRows(0, []), DateTimeOffset.UnixEpoch), _ => Task.FromResult(new LocalRows(path)));
    }

    private const long Rows = 20_000_000;

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
