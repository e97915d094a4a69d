using Throughline.Verify.Faults;

namespace Throughline.Verify.Tests.Faults;

/// <summary>What <c>prove --controls</c> draws.</summary>
public sealed class DrawingControls
{
    [Fact]
    public void A_seed_gives_the_same_controls_again_and_another_seed_others()
    {
        Assert.Equal(Told(7), Told(7));
        Assert.NotEqual(Told(7), Told(8));

        static IReadOnlyList<string> Told(int seed) => [.. Controls.Drawn(20, seed).Select(control => $"{control.Sentence}: {string.Join(',', control.Checks)}")];
    }

    [Fact]
    public void Every_one_of_them_is_a_control_with_a_name_of_its_own_and_a_hundred_are_of_every_kind()
    {
        var drawn = Controls.Drawn(100, seed: 1);
        Assert.Equal(100, drawn.Select(control => control.Name).Distinct().Count());
        Assert.All(drawn, control => Assert.True(control.IsControl));
        Assert.Equal(
            ["busy-processor", "chosen", "honest-front", "killed-once", "nothing", "paused-once", "scary-log", "secret-with-a-newline"],
            drawn.Select(control => control.Name[..control.Name.LastIndexOf('-')]).Distinct().Order(StringComparer.Ordinal));
    }
}
