using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.Tokens;

/// <summary>How long tokens last. Configuration section <c>Tokens</c>.</summary>
internal sealed class TokenLifetimes
{
    /// <summary>Of an access token.</summary>
    /// <value>1 second to 1 hour. Default: 15 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Tokens:AccessLifetime must be 1 second to 1 hour.")]
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Of a refresh token, from its issue; the session's own end is never passed.</summary>
    /// <value>1 minute to 30 days. Default: 7 days.</value>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ErrorMessage = "Tokens:RefreshLifetime must be 1 minute to 30 days.")]
    public TimeSpan RefreshLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a repeated refresh gets the same successor, while that is unused: two tabs, or an answer that was lost.</summary>
    /// <value>0 to 1 minute. Default: 10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Tokens:RefreshRepeat must be 0 to 1 minute.")]
    public TimeSpan RefreshRepeat { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class TokenLifetimesValidator : IValidateOptions<TokenLifetimes>;
