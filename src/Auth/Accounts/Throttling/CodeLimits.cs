using Microsoft.Extensions.Options;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Accounts.Throttling;

/// <summary>How often a place may ask for codes, and bring ones that are none.</summary>
internal sealed class CodeLimits(AttemptLimits limits, IOptions<AccountOptions> options)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <returns>How long to wait; null where it was charged.</returns>
    public TimeSpan? TryAsk(Device device) => limits.TryCharge($"ask for a code {device.Network}", options.Value.CodesPerAddress, Window);

    public TimeSpan? WaitAfterBadCodes(Device device) => limits.WaitFor(BadCodes(device), options.Value.CodesPerAddress, Window);

    public void ChargeBadCode(Device device) => limits.Charge(BadCodes(device), Window);

    /// <returns>How long until this user may be mailed again; null where it was charged.</returns>
    public TimeSpan? TryMailVerification(Guid userId) => limits.TryCharge($"verify {userId}", options.Value.MailsPerAccount, Window);

    private static string BadCodes(Device device) => $"bad code {device.Network}";
}
