using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Accounts;

/// <summary>Limits of sign-up and sign-in. Configuration section <c>Accounts</c>.</summary>
internal sealed class AccountOptions
{
    /// <summary>Sign-ups from one address in any minute.</summary>
    /// <value>1 to 1,000,000. Default: 60.</value>
    [Range(1, 1_000_000)]
    public int SignUpsPerMinute { get; set; } = 60;

    /// <summary>Failed sign-ins from one address to one account in any five minutes. A successful one costs nothing.</summary>
    /// <value>1 to 1,000,000. Default: 10.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerAccount { get; set; } = 10;

    /// <summary>Failed sign-ins from one address to whatever accounts in any five minutes.</summary>
    /// <value>1 to 1,000,000. Default: 100.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerAddress { get; set; } = 100;
}

[OptionsValidator]
internal sealed partial class AccountOptionsValidator : IValidateOptions<AccountOptions>;
