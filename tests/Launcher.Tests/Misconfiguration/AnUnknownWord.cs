namespace Throughline.Launcher.Tests.Misconfiguration;

public sealed class AnUnknownWord
{
    [Theory]
    [InlineData("up", "--nonsense")]
    [InlineData("verify", "--only")]
    [InlineData("prove", "--format")]
    public async Task Is_wrong_usage_and_not_something_that_is_broken(string verb, string word)
    {
        var (code, _, errors) = await Launched.RunAsync([verb, word], TestContext.Current.CancellationToken);
        Assert.Equal(2, code);
        Assert.Contains(word, errors, StringComparison.Ordinal);
    }
}
