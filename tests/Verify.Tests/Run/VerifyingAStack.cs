using Throughline.Testing;

namespace Throughline.Verify.Tests.Run;

/// <summary>The command itself, against a stack that runs.</summary>
public sealed class VerifyingAStack(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task A_user_who_can_sign_up_ask_and_sign_out_is_exit_code_0()
    {
        var (code, result) = await Verifying.RunAsync("--state", platform.State.Root, "--only", "1,2");
        Verifying.AssertWorks(code, result);
        Assert.Contains(result.Findings, f => f is { Id: "journey.answer.exact", Verdict: Verdict.Passed });
        Assert.Contains(result.Findings, f => f is { Id: "startup.crash.children", Verdict: Verdict.Excluded });
        Assert.Empty(result.Left!);
    }

    [Fact]
    public async Task By_the_public_origin_alone_what_needs_the_state_is_left_out()
    {
        var (code, result) = await Verifying.RunAsync("--target", platform.Frontend.AbsoluteUri, "--only", "2");
        Verifying.AssertWorks(code, result);
        Assert.Contains(result.Findings, f => f is { Id: "journey.socket.hello", Verdict: Verdict.Passed });
    }

    [Fact]
    public async Task A_backend_that_hangs_breaks_the_path_and_blocks_what_needs_it()
    {
        var backend = platform.Stack.RecordOf("backend").Pid;
        Machine.Signal("STOP", backend);
        try
        {
            var (code, result) = await Verifying.RunAsync("--state", platform.State.Root, "--only", "2", "--slack", "1.5");
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
    public async Task What_was_found_is_told_where_it_cannot_be_kept()
    {
        var folder = Directory.CreateDirectory(platform.State.PathOf("verify"));
        var places = new[] { "running.lock", "history.jsonl", "verify.json" }.Select(name => Path.Combine(folder.FullName, name)).ToList();
        foreach (var place in places)
        {
            File.Delete(place);
            Directory.CreateDirectory(place); // no file can be written there
        }

        try
        {
            var (code, said) = await Verifying.SayAsync(["verify", "--state", platform.State.Root, "--only", "1"]);
            Assert.Equal(0, code);
            Assert.Contains("Exit code 0.", said, StringComparison.Ordinal);
            Assert.Contains("The history of this run could not be written: ", said, StringComparison.Ordinal);

            (code, said) = await Verifying.SayAsync(["verify", "--state", platform.State.Root, "--only", "1", "--format", "console,json"]);
            Assert.Equal(VerifyExit.Crashed, code);
            Assert.Contains("Exit code 3.", said, StringComparison.Ordinal);
            Assert.Contains("The verify.json of this run could not be written: ", said, StringComparison.Ordinal);
        }
        finally
        {
            places.ForEach(place => Directory.Delete(place));
        }
    }

    [Fact]
    public async Task A_check_that_there_is_not_is_wrong_usage() => Assert.Equal(2, (await Verifying.SayAsync(["verify", "--only", "11"])).Code);
}
