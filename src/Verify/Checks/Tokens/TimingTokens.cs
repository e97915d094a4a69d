namespace Throughline.Verify.Checks.Tokens;

/// <summary>Check 4: a token is soon made, and soon verified.</summary>
internal sealed class TimingTokens : CheckPart
{
    private const int Samples = 20;
    private static readonly Assertion Mint = new("jwt.mint", "An access token is made within 100 ms", 100) { Deadline = TimeSpan.FromSeconds(10) };
    private static readonly Assertion Validate = new("jwt.validate", "A request with a token is answered within 50 ms", 50) { Deadline = TimeSpan.FromSeconds(10) };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Mint, Validate];

    public override bool MeasuresAlone => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var member = await run.System.Members.SignUpAsync("timing", cancellationToken);
        await run.ShowAsync(Validate, async (probe, stop) =>
        {
            (await member.GetAsync("/api/me", stop)).Expect(200); // the connection, and what is made at the first use
            var samples = new List<double>();
            for (var i = 0; i < Samples; i++) samples.Add((await member.GetAsync("/api/me", stop)).Expect(200).Exchange.ElapsedMs);
            probe.MeasureP95(samples);
        }, cancellationToken);
        await run.ShowAsync(Mint, async (probe, stop) =>
        {
            var samples = new List<double>();
            for (var i = 0; i < Samples; i++)
            {
                var answer = await member.RefreshAsync(member.RefreshToken, stop);
                member.Take(answer.Expect(200).Json);
                samples.Add(answer.Exchange.ElapsedMs);
            }

            probe.MeasureP95(samples);
        }, cancellationToken);
    }
}
