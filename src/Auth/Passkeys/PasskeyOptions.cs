using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Passkeys;

/// <summary>Limits of passkeys. Configuration section <c>Passkeys</c>.</summary>
internal sealed class PasskeyOptions
{
    /// <summary>Failed sign-ins from one address in any five minutes. No signature is guessed; each failure is an entry in the audit log.</summary>
    /// <value>1 to 1,000,000. Default: 30.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerAddress { get; set; } = 30;

    /// <summary>The most passkeys that an account has.</summary>
    /// <value>1 to 100. Default: 20.</value>
    [Range(1, 100)]
    public int PerAccount { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class PasskeyOptionsValidator : IValidateOptions<PasskeyOptions>;
