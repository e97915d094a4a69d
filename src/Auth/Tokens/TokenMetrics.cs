using System.Diagnostics.Metrics;

namespace Throughline.Auth.Tokens;

/// <summary>What the token endpoint reports.</summary>
internal sealed class TokenMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _tokens = meters.Create("Throughline.Auth").CreateCounter<long>("auth.tokens", "{token}", "Access tokens given out, by grant.");

    /// <param name="grant">As OAuth names it; OpenIddict lets no other one come this far.</param>
    public void Issued(string grant) => _tokens.Add(1, KeyValuePair.Create<string, object?>("grant", grant));
}
