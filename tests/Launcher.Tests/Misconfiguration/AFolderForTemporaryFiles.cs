using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

public sealed class AFolderForTemporaryFiles
{
    [Theory]
    [InlineData("Auth")]
    [InlineData("Backend")]
    public async Task That_is_not_there_is_named_and_not_taken_for_a_fault_of_the_program(string project)
    {
        using var state = new TestState().WithSecrets();
        await using var check = RunningProgram.Start(
            project, ["--check"], new Dictionary<string, string> { ["State__Directory"] = state.Root, ["Auth__Issuer"] = "http://localhost:3000", ["TMPDIR"] = state.PathOf("none") });

        Assert.Equal(1, await check.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"The folder for temporary files, {state.PathOf("none")}/, cannot be used (", check.Transcript, StringComparison.Ordinal);
        Assert.Contains("set TMPDIR to another folder.", check.Transcript, StringComparison.Ordinal);
    }
}
