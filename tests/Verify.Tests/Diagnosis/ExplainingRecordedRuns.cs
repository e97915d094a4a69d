using Throughline.Verify.Reports;
using static Throughline.Verify.Tests.Diagnosis.Scenes;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>
/// What verify saw of real faults (<c>throughline prove --out</c>), with what it made of it. The same evidence must come to the same words,
/// chains and remedies; where they are to change, the test says where the new record lies.
/// </summary>
public sealed class ExplainingRecordedRuns
{
    private static readonly ProofGraph Graph = GraphFile.BuiltIn();

    public static TheoryData<string> Names { get; } = [.. Directory.EnumerateFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Diagnosis", "Recorded");

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_evidence_is_explained_in_the_same_way(string name)
    {
        var run = Read(name);
        var causes = new RuleDiagnosis().Explain(Graph, [.. run.Findings, .. run.Looks ?? []]);
        if (Describe(run.Causes) == Describe(causes)) return;
        var received = Path.Combine(Folder, "..", $"{name}.received.json");
        File.WriteAllText(received, new JsonReport().Write(run with { Causes = causes }, ReportContext.Of(Graph)));
        Assert.Fail($"{name} was explained as\n{Describe(run.Causes)}and is now explained as\n{Describe(causes)}Where that is right, {Path.GetFullPath(received)} is the new {name}.json.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Frightening_log_lines_change_nothing(string name)
    {
        var run = Read(name);
        Assert.Equal(run.Causes.Select(c => c.Id), new RuleDiagnosis().Explain(Graph, Scared([.. run.Findings, .. run.Looks ?? []])).Select(c => c.Id));
    }

    private static VerifyResult Read(string name) => JsonReport.Read(File.ReadAllText(Path.Combine(Folder, $"{name}.json")));
}
