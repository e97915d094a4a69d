using Microsoft.Extensions.Options;

namespace Throughline.Auth.Retention;

/// <summary>How long what is over is kept. Configuration section <c>Retention</c>. The audit log, tombstones and the ledger of erasures are kept for good.</summary>
internal sealed class RetentionOptions
{
    /// <summary>A session after its end, with its refresh tokens, so that a token of it is still told from one that never was; so too API keys.</summary>
    /// <value>1 hour or more. Default: 1 day.</value>
    public TimeSpan Sessions { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Entries of the feed of changes that a later one has replaced.</summary>
    /// <value>31 days or more, for a revocation counts as long as any token may live. Default: 90 days.</value>
    public TimeSpan Changes { get; set; } = TimeSpan.FromDays(90);

    /// <summary>A reader of the feed that has asked within this time is at work, and nothing from its place on is removed.</summary>
    /// <value>1 minute or more. Default: 5 minutes.</value>
    public TimeSpan ReadersWithin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often it is looked.</summary>
    /// <value>1 second to 1 day. Default: 1 hour.</value>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Rows that one transaction removes at most; between two, others write.</summary>
    /// <value>1 to 10,000. Default: 500.</value>
    public int Batch { get; set; } = 500;
}

internal sealed class RetentionOptionsValidator : IValidateOptions<RetentionOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, RetentionOptions options) => options switch
    {
        _ when options.Sessions < TimeSpan.FromHours(1) => ValidateOptionsResult.Fail($"Retention:Sessions is {options.Sessions}: set it to an hour (01:00:00) or more."),
        _ when options.Changes < 31 * Day => ValidateOptionsResult.Fail($"Retention:Changes is {options.Changes}: set it to 31 days (31.00:00:00) or more."),
        _ when options.ReadersWithin < TimeSpan.FromMinutes(1) => ValidateOptionsResult.Fail($"Retention:ReadersWithin is {options.ReadersWithin}: set it to a minute (00:01:00) or more."),
        _ when options.Every < TimeSpan.FromSeconds(1) || options.Every > Day => ValidateOptionsResult.Fail($"Retention:Every is {options.Every}: set it to a value from 00:00:01 to 1.00:00:00."),
        { Batch: < 1 or > 10_000 } => ValidateOptionsResult.Fail($"Retention:Batch is {options.Batch}: set it to a value from 1 to 10000."),
        _ => ValidateOptionsResult.Success,
    };
}
