using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Accounts;

/// <summary>Limits of sign-up, sign-in and codes by mail. Configuration section <c>Accounts</c>.</summary>
internal sealed class AccountOptions : IValidatableObject
{
    /// <summary>Sign-ups from one address in any minute.</summary>
    /// <value>1 to 1,000,000. Default: 60.</value>
    [Range(1, 1_000_000)]
    public int SignUpsPerMinute { get; set; } = 60;

    /// <summary>Failed sign-ins from one address to one account before the next must wait. A successful one costs nothing.</summary>
    /// <value>1 to 1,000,000. Default: 5. One is forgotten each 15 minutes.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerAccount { get; set; } = 5;

    /// <summary>Failed sign-ins from one address to whatever accounts before the next must wait.</summary>
    /// <value>1 to 1,000,000. Default: 100. One is forgotten each minute.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerAddress { get; set; } = 100;

    /// <summary>Failed sign-ins to one account, wherever from, before the next from a place new to it must wait.</summary>
    /// <value>1 to 1,000,000. Default: 50. One is forgotten each five minutes.</value>
    [Range(1, 1_000_000)]
    public int FailedLoginsFromEverywhere { get; set; } = 50;

    /// <summary>The first wait after too many failures; each further failure doubles it, up to 15 minutes.</summary>
    /// <value>1 second to 15 minutes. Default: 1 second.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:15:00")]
    public TimeSpan FirstLoginWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Failed sign-ins from one address to one account in 15 minutes, on all nodes together.</summary>
    /// <value>1 to 1,000,000. Default: 20.</value>
    [Range(1, 1_000_000)]
    public int LoginFailuresPerAccount { get; set; } = 20;

    /// <summary>Failed sign-ins from one address to whatever accounts in 15 minutes, on all nodes together.</summary>
    /// <value>1 to 1,000,000. Default: 300.</value>
    [Range(1, 1_000_000)]
    public int LoginFailuresPerAddress { get; set; } = 300;

    /// <summary>Sign-ins of everybody a minute, on all nodes together; each takes a password check.</summary>
    /// <value>1 to 1,000,000. Default: 3,000.</value>
    [Range(1, 1_000_000)]
    public int LoginsPerMinute { get; set; } = 3_000;

    /// <summary>Memory in MiB that a password's hash takes (Argon2id). Hashes of other settings follow at the next sign-in.</summary>
    /// <value>7 to 1,024. Default: 64. Less memory asks for more passes: see <see cref="LeastPasses"/>.</value>
    [Range(7, 1_024)]
    public int HashMemory { get; set; } = 64;

    /// <summary>Passes over that memory.</summary>
    /// <value>1 to 10. Default: 3.</value>
    [Range(1, 10)]
    public int HashPasses { get; set; } = 3;

    /// <summary>How long a code that was mailed can be used.</summary>
    /// <value>1 second to 10 minutes. Default: 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Mails of one kind to one account in any 15 minutes; what is asked for beyond is not sent.</summary>
    /// <value>1 to 1,000,000. Default: 3.</value>
    [Range(1, 1_000_000)]
    public int MailsPerAccount { get; set; } = 3;

    /// <summary>Requests for a new password, and likewise codes that are none, from one address in any 15 minutes.</summary>
    /// <value>1 to 1,000,000. Default: 20.</value>
    [Range(1, 1_000_000)]
    public int CodesPerAddress { get; set; } = 20;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HashPasses < LeastPasses(HashMemory))
        {
            yield return new(
                $"Accounts:HashPasses is {HashPasses}; passwords that are hashed in {HashMemory} MiB need {LeastPasses(HashMemory)} passes or more, or more memory (Accounts:HashMemory).",
                [nameof(HashPasses)]);
        }
    }

    /// <summary>The least passes over so many MiB by OWASP's Password Storage Cheat Sheet, whose pairs it holds to be equally strong.</summary>
    private static int LeastPasses(int memory) => memory switch { >= 46 => 1, >= 19 => 2, >= 12 => 3, >= 9 => 4, _ => 5 };
}

[OptionsValidator]
internal sealed partial class AccountOptionsValidator : IValidateOptions<AccountOptions>;
