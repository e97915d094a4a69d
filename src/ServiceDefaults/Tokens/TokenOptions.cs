using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>What a verifier must know beforehand. Configuration section <c>Auth</c>.</summary>
public sealed class TokenOptions
{
    /// <summary>Audience of tokens for users.</summary>
    public const string Audience = "throughline";

    /// <summary>Audience of tokens that services get by client credentials.</summary>
    public const string InternalAudience = "throughline-internal";

    /// <summary>How far the issuer's clock may be ahead of ours. An expired token gets no grace.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>The claim <c>iss</c>, compared character by character. Fixed in the state at first start.</summary>
    [Required(ErrorMessage = "Auth:Issuer is missing: set it to the public origin, for example http://localhost:3000.")]
    public string Issuer { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class TokenOptionsValidator : IValidateOptions<TokenOptions>;
