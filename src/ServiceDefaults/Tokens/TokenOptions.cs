using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>
/// What issuer and verifiers must hold alike: the one record of it for every service. Configuration section <c>Auth</c>, and
/// <c>JWT_SECRET_KEY</c>.
/// </summary>
public sealed class TokenOptions : IValidatableObject
{
    /// <summary>Audience of tokens for users.</summary>
    public const string Audience = "throughline";

    /// <summary>Audience of tokens that services get by client credentials.</summary>
    public const string InternalAudience = "throughline-internal";

    /// <summary>Names the shared secret where key ids are told; it has none in a token.</summary>
    public const string SharedKeyId = "shared-secret";

    /// <summary>How far the issuer's clock may be ahead of ours. An expired token gets no grace.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>How often a verifier reads auth's published keys: what auth drops is refused everywhere after so long.</summary>
    public static readonly TimeSpan KeyRefresh = TimeSpan.FromSeconds(1);

    /// <summary>The claim <c>iss</c>, compared character by character: the public origin, which the state keeps from its first start.</summary>
    [Required(ErrorMessage = "Auth:Issuer is missing: set it to the public origin, for example http://localhost:3000.")]
    public string Issuer { get; set; } = "";

    /// <summary>The secret that signs access tokens; null where auth's own keys do.</summary>
    public SharedSecret? Secret { get; set; }

    public TokenAlgorithm Algorithm => Secret is null ? TokenAlgorithm.Es256 : TokenAlgorithm.Hs256;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Issuer.Length > 0 && IssuerFault(Issuer) is { } fault) yield return new(fault, [nameof(Issuer)]);
    }

    /// <returns>One sentence with the remedy; null for an issuer that can be used.</returns>
    public static string? IssuerFault(string issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "" } && issuer.Trim() == issuer
            ? null
            : $"Auth:Issuer is '{issuer}', which is no URL: set it to the public origin, for example http://localhost:3000.";

    /// <returns>The origin of pages for people elsewhere; null for an issuer on this machine, whose port may be another program's by now.</returns>
    public static string? OriginElsewhere(string? issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var url) && !url.IsLoopback ? url.GetLeftPart(UriPartial.Authority) : null;

    internal void Read(IConfiguration configuration) => Secret = SharedSecret.Of(configuration);
}

[OptionsValidator]
internal sealed partial class TokenOptionsValidator : IValidateOptions<TokenOptions>;
