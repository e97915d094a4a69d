using Throughline.Testing;

namespace Throughline.Launcher.Tests.Keys;

/// <summary>The operator's commands, on a running stack.</summary>
public sealed class TurningKeysOver(TurningKeysOver.QuickKeys stack) : IClassFixture<TurningKeysOver.QuickKeys>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_command_waits_until_the_new_key_signs_and_drops_all_when_told_so()
    {
        var first = Assert.Single(await ListAsync());
        Assert.Equal("signing", first.State);

        var (code, output, errors) = await Launched.RunAsync(["keys", "rotate", "--state", stack.State.Root], Stop);
        Assert.True(code == 0, output + errors);
        var after = await ListAsync();
        var next = after.Single(k => k.State == "signing").Id;
        Assert.Equal((first.Id, "retired"), after.Single(k => k.Id != next));
        Assert.Contains($"Key {next} signs.", output, StringComparison.Ordinal);

        (code, output, errors) = await Launched.RunAsync(["keys", "rotate", "--compromised", "--state", stack.State.Root], Stop);
        Assert.True(code == 0, output + errors);
        var fresh = Assert.Single(await ListAsync());
        Assert.Equal("signing", fresh.State);
        Assert.DoesNotContain(fresh.Id, after.Select(k => k.Id));
        Assert.Contains($"Key {fresh.Id} signs. All keys before it are dropped", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Needs_a_stack_that_runs()
    {
        using var state = new TestState();
        var (code, _, errors) = await Launched.RunAsync(["keys", "rotate", "--state", state.Root], Stop);
        Assert.Equal(1, code);
        Assert.Contains("Start it with: throughline up", errors, StringComparison.Ordinal);
    }

    /// <remarks><c>vUewVxQP…  signing    2026-01-01 00:00:00  2026-04-01 00:00:00</c></remarks>
    private async Task<IReadOnlyList<(string Id, string State)>> ListAsync()
    {
        var (code, output, errors) = await Launched.RunAsync(["keys", "list", "--state", stack.State.Root], Stop);
        Assert.True(code == 0, output + errors);
        return [.. output.Split('\n').Skip(1).Select(line => line.Split("  ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(f => (f[0], f[1]))];
    }

    public sealed class QuickKeys : Platform
    {
        protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SigningKeys__PublishFor"] = "00:00:02" };
    }
}
