using Microsoft.Extensions.Options;
using Throughline.Auth.Tokens;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>When a key enters its next state: published, it signs; signing, it retires; retired, it is gone.</summary>
internal sealed class SigningKeySchedule(IOptions<SigningKeyOptions> options, IOptions<TokenLifetimes> lifetimes)
{
    /// <summary>When the key leaves its present state.</summary>
    public DateTimeOffset EndOf(SigningKeyState state, DateTimeOffset since) => since + state switch
    {
        SigningKeyState.Published => options.Value.PublishFor,
        SigningKeyState.Signing => options.Value.RotateEvery,
        // Its last token has expired by then, on a verifier whose clock is late, too.
        SigningKeyState.Retired => lifetimes.Value.AccessLifetime + TokenOptions.ClockSkew,
    };

    /// <summary>When the key's successor must be published, so that it can sign in time.</summary>
    public DateTimeOffset SuccessorDue(DateTimeOffset signingSince) => EndOf(SigningKeyState.Signing, signingSince) - options.Value.PublishFor;
}
