using Throughline.Testing;
using Throughline.Verify.Reports;

namespace Throughline.Verify.Tests.Run;

/// <summary>The command itself, against a stack that runs.</summary>
public sealed class VerifyingAStack(Platform platform) : IClassFixture<Platform>
{
    private static readonly string[] Patient = ["--slack", "10", "--browser", "off", "--format", "json"];

    [Fact]
    public async Task A_user_who_can_sign_up_ask_and_sign_out_is_exit_code_0()
    {
        var (code, result) = await VerifyAsync("--state", platform.State.Root, "--only", "1,2");
        Assert.True(code == 0, string.Join('\n', result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Crashed or Verdict.Unknown).Select(f => $"{f.Id}: {f.Reason}")));
        Assert.Contains(result.Findings, f => f is { Id: "journey.answer.exact", Verdict: Verdict.Passed });
        Assert.Contains(result.Findings, f => f is { Id: "startup.crash.children", Verdict: Verdict.Excluded });
        Assert.Empty(result.Left!);
    }

    [Fact]
    public async Task By_the_public_origin_alone_what_needs_the_state_is_left_out()
    {
        var (code, result) = await VerifyAsync("--target", platform.Frontend.AbsoluteUri, "--only", "2");
        Assert.True(code == 0, string.Join('\n', result.Findings.Where(f => f.Verdict is Verdict.Failed or Verdict.Crashed or Verdict.Unknown).Select(f => $"{f.Id}: {f.Reason}")));
        Assert.Contains(result.Findings, f => f is { Id: "journey.socket.hello", Verdict: Verdict.Passed });
    }

    [Fact]
    public async Task A_backend_that_hangs_breaks_the_path_and_blocks_what_needs_it()
    {
        var backend = platform.Stack.RecordOf("backend").Pid;
        Machine.Signal("STOP", backend);
        try
        {
            var (code, result) = await VerifyAsync("--state", platform.State.Root, "--only", "2", "--slack", "1.5");
            Assert.Equal(1, code);
            Assert.False(result.CanChat);
            Assert.Equal(StepState.Broken, result.Steps.Single(s => s.Id == "socket").State);
            Assert.Contains(result.Findings, f => f is { Id: "journey.signup.created", Verdict: Verdict.Passed });
            Assert.Contains(result.Findings, f => f is { Id: "journey.ask.acknowledged", Verdict: Verdict.Blocked });
            Assert.True(result.Money.AtRisk >= 397_000m);
        }
        finally
        {
            Machine.Signal("CONT", backend);
        }
    }

    [Fact]
    public async Task A_check_that_there_is_not_is_wrong_usage() => Assert.Equal(2, (await RunAsync(["verify", "--only", "11"])).Code);

    private static async Task<(int Code, VerifyResult Result)> VerifyAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string[] all = ["verify", .. arguments, .. Patient.Where((p, i) => !arguments.Contains(Patient[i / 2 * 2])), "--out", folder.FullName];
            var (code, said) = await RunAsync(all);
            var path = Path.Combine(folder.FullName, "verify.json");
            Assert.True(File.Exists(path), said);
            return (code, JsonReport.Read(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(IEnumerable<string> arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        await using var program = RunningProgram.Start("Launcher", arguments);
        var code = await program.WaitForExitAsync(limit.Token);
        return (code, program.Transcript);
    }
}
