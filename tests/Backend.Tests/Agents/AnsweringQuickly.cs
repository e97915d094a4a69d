using System.Diagnostics;
using System.Globalization;
using Throughline.Analysis.Import;
using Throughline.Analysis.Sample;
using Throughline.Backend.Agents;
using Throughline.Backend.Files.Contents;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Tests.Agents;

/// <summary>How long whole answers take; <c>SAMPLE_ROWS</c> sets the size.</summary>
public sealed class AnsweringQuickly
{
    [Theory]
    [InlineData("What did we spend in total?")]
    [InlineData("What does each model cost?")]
    [InlineData("Why did spend jump, and what should we change?")]
    public async Task An_answer_over_the_sample_passes_its_gates_in_time(string question)
    {
        var stop = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("throughline-quick-").FullName;
        try
        {
            var rows = Environment.GetEnvironmentVariable("SAMPLE_ROWS") is { } wanted ? long.Parse(wanted, CultureInfo.InvariantCulture) : 20_000;
            var (file, parquet) = (Path.Combine(folder, "usage.csv"), Path.Combine(folder, "usage.parquet"));
            await SampleGenerator.WriteFileAsync(file, SampleOptions.Default with { Rows = rows }, stop);
            Assert.IsType<Imported>(await new UsageImporter().ImportAsync(file, "usage.csv", parquet, null, stop));
            var run = new RecordedRun(question, new AttachedFile(
                new UsageFile(Guid.NewGuid(), "usage.csv", 1, new string('a', 64), "csv", rows, [], new RefusedRows(0, []), DateTimeOffset.UnixEpoch), _ => Task.FromResult(new LocalRows(parquet))));

            var clock = Stopwatch.StartNew();
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var answer = await Pipeline.RunAsync(run, stop);

            TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalMilliseconds:0} ms, {(Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds:0} ms of processor, peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB, {run.Facts.Count} facts\n{run.Text}");
            Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, gate.Detail));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
