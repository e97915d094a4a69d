using Throughline.Testing;
using Throughline.Verify.Reports;

namespace Throughline.Verify.Tests.Run;

/// <summary>Runs of the command, on a machine that may be busy.</summary>
internal static class Verifying
{
    private static readonly string[] Patient = ["--slack", "10", "--browser", "off", "--format", "json"];

    public static async Task<(int Code, VerifyResult Result)> RunAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string[] all = ["verify", .. arguments, .. Patient.Where((p, i) => !arguments.Contains(Patient[i / 2 * 2])), "--out", folder.FullName];
            var (code, said) = await SayAsync(all);
            var path = Path.Combine(folder.FullName, "verify.json");
            Assert.True(File.Exists(path), said);
            return (code, JsonReport.Read(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Requires exit code 0, and else tells what did not hold.</summary>
    public static void AssertWorks(int code, VerifyResult result) =>
        Assert.True(code == 0, string.Join('\n', result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Crashed or Verdict.Unknown).Select(f => $"{f.Id}: {f.Reason}")));

    public static async Task<(int Code, string Said)> SayAsync(IEnumerable<string> arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        await using var program = RunningProgram.Start("Launcher", arguments);
        var code = await program.WaitForExitAsync(limit.Token);
        return (code, program.Transcript);
    }
}
