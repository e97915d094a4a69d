using Throughline.Analysis.Tools;

namespace Throughline.Analysis.Tests.Tools;

public sealed class OpeningASession
{
    [Fact]
    public async Task A_small_file_is_read_by_one_thread_and_a_large_one_by_as_many_as_are_allowed()
    {
        using var small = new UsageRows([new UsageRow(null, "gpt-4o", 1, 1)]);
        using var large = new UsageRows(Enumerable.Range(0, 120_000).Select(i => new UsageRow(null, "gpt-4o", i, i) { PromptHash = Guid.NewGuid().ToString("N") })); // some 4 MB
        Assert.InRange(new FileInfo(large.Dataset.ParquetPath).Length, 2 << 20, 16 << 20);

        Assert.Equal(1, await ThreadsAsync(new AnalysisOptions(), small));
        Assert.Equal(2, await ThreadsAsync(new AnalysisOptions(), large));
        Assert.Equal(2, await ThreadsAsync(new AnalysisOptions(), small, large));
        Assert.Equal(1, await ThreadsAsync(new AnalysisOptions { Threads = 1 }, large));
    }

    private static async Task<long> ThreadsAsync(AnalysisOptions options, params UsageRows[] rows)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var session = await UsageSession.OpenAsync([.. rows.Select(file => file.Dataset)], options, stop);
        return Assert.Single(await session.QueryAsync("SELECT current_setting('threads')", reader => reader.GetInt64(0), stop));
    }
}
