using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;
using Throughline.Verify.Reports;
using Throughline.Verify.Tests.Reports;

namespace Throughline.Verify.Tests.Monitoring;

public sealed class KeepingReports : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory();

    private string Folder => KeptReports.FolderIn(_state.FullName);

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public void The_last_thirty_are_kept_the_newest_first()
    {
        var kept = new KeptReports(Folder);
        for (var run = 0; run < 33; run++) Keep(kept, run);
        Assert.Equal(Enumerable.Range(3, 30).Reverse().Select(run => At.AddMinutes(run)), kept.Read().Select(r => r.Document!.Result.StartedAt));
        Assert.Equal(30, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public void A_damaged_one_is_known_as_that_and_does_not_hide_the_others()
    {
        var kept = new KeptReports(Folder);
        for (var run = 0; run < 3; run++) Keep(kept, run);
        var middle = Directory.GetFiles(Folder).Order().ElementAt(1);
        foreach (var damage in (string[])["", "null", "{}", """{"version":1,"result":{"id":"x"}}""", File.ReadAllText(middle)[..200]])
        {
            File.WriteAllText(middle, damage);
            File.SetLastWriteTimeUtc(middle, At.UtcDateTime.AddSeconds(damage.Length)); // as if that came later
            Assert.Equal([false, true, false], new KeptReports(Folder).Read().Select(r => r.Document is null));
            Assert.Equal([false, true, false], kept.Read().Select(r => r.Document is null));
        }
    }

    [Fact]
    public void A_report_says_to_the_page_what_it_says_itself()
    {
        var kept = new KeptReports(Folder);
        var result = WritingReports.Result();
        kept.Keep(result.Id, result.StartedAt, new JsonReport().Write(result, WritingReports.Context()));
        var page = kept.Read().Single().Document!;
        Assert.Equal((result.CanChat, ProofState.Unknown, result.Money.AtRisk, result.Money.Total), (page.Result.CanChat, page.Result.State, page.Result.Money.AtRisk, page.Result.Money.Total));
        Assert.Equal(result.Steps.Select(s => (s.Id, s.State.ToString())), page.Result.Steps.Select(s => (s.Id, s.State.ToString())));
        Assert.Equal(result.Findings.Select(f => (f.Id, f.Verdict.ToString(), f.Reason)), page.Result.Findings.Select(f => (f.Id, f.Verdict, f.Reason)));
        Assert.All(page.Result.Causes.SelectMany(c => c.Chain), arrow => Assert.NotNull(arrow.Seen));
        Assert.All(page.Result.Money.Streams, stream => Assert.NotEmpty(stream.Needs!));
        Assert.Contains(page.LastSeenToFail, seen => seen.Check == "jwt");
    }

    private static void Keep(KeptReports kept, int run)
    {
        var result = WritingReports.Result() with { Id = Guid.NewGuid(), StartedAt = At.AddMinutes(run), EndedAt = At.AddMinutes(run + 1) };
        kept.Keep(result.Id, result.StartedAt, new JsonReport().Write(result, WritingReports.Context()));
    }
}
