using Throughline.Testing;

namespace Throughline.Launcher.Tests.State;

/// <summary>The address under which people reach a stack: told once, kept, and changed only by a word.</summary>
public sealed class APublicOrigin
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_kept_until_another_is_named()
    {
        using var state = new TestState();
        try
        {
            Assert.Contains("ready: https://spend.example.com\n", await StartAsync("--origin", "https://Spend.Example.com/"), StringComparison.Ordinal);
            Assert.Contains("Open https://spend.example.com", await StatusAsync(), StringComparison.Ordinal);
            await DownAsync();

            var kept = await StartAsync();
            Assert.Contains("ready: https://spend.example.com\n", kept, StringComparison.Ordinal);
            Assert.DoesNotContain("until now", kept, StringComparison.Ordinal);
            await DownAsync();

            var changed = await StartAsync("--origin", "https://ai.example.com:8443");
            Assert.Contains("ready: https://ai.example.com:8443\n", changed, StringComparison.Ordinal);
            Assert.Contains("It was https://spend.example.com until now: everybody signs in anew", changed, StringComparison.Ordinal);
            await DownAsync();
        }
        finally
        {
            await Launched.RunAsync(["down", "--state", state.Root], CancellationToken.None); // whatever failed, nothing stays behind
        }

        async Task<string> StartAsync(params string[] arguments) => await RunAsync(["up", "--detach", "--no-open", .. arguments]);
        async Task<string> StatusAsync() => await RunAsync(["status"]);
        async Task DownAsync() => await RunAsync(["down"]);

        async Task<string> RunAsync(string[] arguments)
        {
            var (code, output, errors) = await Launched.RunAsync([.. arguments, "--state", state.Root], Stop);
            Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}\n{errors}");
            return output + "\n";
        }
    }

    [Theory]
    [InlineData("spend.example.com")]
    [InlineData("https://spend.example.com/ai")]
    [InlineData("ftp://spend.example.com")]
    [InlineData("http://spend.example.com")]
    public async Task That_is_none_or_plain_http_for_others_is_refused_with_the_remedy(string origin)
    {
        using var state = new TestState();
        var (code, _, errors) = await Launched.RunAsync(["up", "--no-open", "--origin", origin, "--state", state.Root], Stop);
        Assert.Equal(2, code);
        Assert.Contains($"--origin: '{origin}'", errors, StringComparison.Ordinal);
        Assert.Contains("https", errors, StringComparison.Ordinal);
    }
}
