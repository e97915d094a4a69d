using Microsoft.Extensions.Time.Testing;
using Throughline.Auth.Factors;

namespace Throughline.Auth.Tests.Factors;

public sealed class CodesAndGuesses
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000); // the first second of a step

    [Theory]
    [InlineData(0, -1, true)]
    [InlineData(29, -1, true)]
    [InlineData(0, 0, true)]
    [InlineData(29, 0, true)]
    [InlineData(0, 1, true)]
    [InlineData(29, 1, true)]
    [InlineData(0, 2, false)]
    [InlineData(29, 2, false)]
    [InlineData(0, -2, false)]
    [InlineData(29, -2, false)]
    public void A_code_is_good_in_its_step_and_the_one_before_and_after(int second, int offset, bool isGood)
    {
        var app = new TestAuthenticator("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
        var step = TestAuthenticator.Step(Now) + offset;
        Assert.Equal(isGood ? step : null, Authenticator.StepOf(app.Secret, app.CodeOf(step), Now.AddSeconds(second)));
    }

    [Fact]
    public void Codes_are_those_of_the_standard()
    {
        // RFC 6238, appendix B, whose eight digits end in these six.
        var secret = "12345678901234567890"u8.ToArray();
        foreach (var (seconds, code) in ((long, string)[])[(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")])
            Assert.Equal(seconds / 30, Authenticator.StepOf(secret, code, DateTimeOffset.FromUnixTimeSeconds(seconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("١٢٣٤٥٦")]
    public void Nothing_but_six_digits_is_a_code(string text) => Assert.Null(Authenticator.StepOf(new byte[20], text, Now));

    [Fact]
    public void Waits_double_from_the_fifth_guess_to_six_hours()
    {
        var time = new FakeTimeProvider(Now);
        var guesses = new CodeGuesses(time);
        var user = Guid.NewGuid();
        for (var i = 0; i < 5; i++) Assert.Null(guesses.TryCharge(user));
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            var wait = guesses.TryCharge(user)!.Value;
            waits.Add(wait.TotalSeconds);
            time.Advance(wait);
            Assert.Null(guesses.TryCharge(user));
        }
        Assert.Equal([30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600], waits);
        Assert.Null(guesses.TryCharge(Guid.NewGuid())); // nobody else's
        guesses.Forget(user);
        Assert.Null(guesses.TryCharge(user));
    }

    [Fact]
    public void Many_guesses_at_once_are_no_way_around()
    {
        var guesses = new CodeGuesses(new FakeTimeProvider(Now));
        var user = Guid.NewGuid();
        var allowed = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (guesses.TryCharge(user) is null) Interlocked.Increment(ref allowed);
        });
        Assert.Equal(5, allowed);
    }
}
