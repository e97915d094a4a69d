using Throughline.Testing;

namespace Throughline.Launcher.Tests.State;

public sealed class AStateFolder
{
    [Fact]
    public async Task Of_a_newer_version_ends_the_start_and_stays_as_it_was()
    {
        using var state = new TestState();
        const string Newer = """{"version":999,"issuer":"http://localhost:3000","createdAt":"2026-01-01T00:00:00Z"}""";
        await File.WriteAllTextAsync(state.PathOf("state.json"), Newer, TestContext.Current.CancellationToken);

        var (code, _, errors) = await UpAsync(state);

        Assert.Equal(2, code);
        Assert.Contains("newer Throughline (version 999", errors, StringComparison.Ordinal);
        Assert.Equal(Newer, await File.ReadAllTextAsync(state.PathOf("state.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task That_lacks_a_secret_ends_the_start_naming_the_file()
    {
        using var state = new TestState().WithSecrets();
        await File.WriteAllTextAsync(
            state.PathOf("state.json"), """{"version":1,"issuer":"http://localhost:3000","createdAt":"2026-01-01T00:00:00Z"}""", TestContext.Current.CancellationToken);
        File.Delete(state.PathOf("secrets", "client-backend"));

        var (code, _, errors) = await UpAsync(state);

        Assert.Equal(2, code);
        Assert.Contains(state.PathOf("secrets", "client-backend"), errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_others_may_read_ends_the_start_with_the_remedy()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        using var state = new TestState();
        MakeReadable(state.Root);

        var (code, _, errors) = await UpAsync(state);

        Assert.Equal(2, code);
        Assert.Contains($"chmod 700 '{state.Root}'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_is_not_ours_is_left_alone()
    {
        using var state = new TestState();
        await File.WriteAllTextAsync(state.PathOf("thesis.doc"), "", TestContext.Current.CancellationToken);

        var (code, _, errors) = await UpAsync(state);

        Assert.Equal(2, code);
        Assert.Contains("it holds thesis.doc", errors, StringComparison.Ordinal);
    }

    private static void MakeReadable(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);
    }

    private static Task<(int ExitCode, string Output, string Errors)> UpAsync(TestState state) =>
        Launched.RunAsync(["up", "--no-open", "--state", state.Root], TestContext.Current.CancellationToken);
}
