using Microsoft.Extensions.Options;

namespace Throughline.Backend.Retention;

/// <summary>How long things are kept. Configuration section <c>Retention</c>. What is dead goes without a setting: keys of requests that have run out,
/// leases of nodes that are gone, content that no file has.</summary>
internal sealed class RetentionOptions
{
    /// <summary>A thread in which nothing has happened for so long is deleted, with all that came of it.</summary>
    /// <value>1 day or more. Default: none, threads are kept.</value>
    public TimeSpan? Threads { get; set; }

    /// <summary>A file that was uploaded so long ago is deleted, with its rows.</summary>
    /// <value>1 day or more. Default: none, files are kept.</value>
    public TimeSpan? Files { get; set; }

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
        { Threads: { } threads } when threads < Day => ValidateOptionsResult.Fail($"Retention:Threads is {threads}: set it to a day (1.00:00:00) or more, or remove it to keep them."),
        { Files: { } files } when files < Day => ValidateOptionsResult.Fail($"Retention:Files is {files}: set it to a day (1.00:00:00) or more, or remove it to keep them."),
        _ when options.Every < TimeSpan.FromSeconds(1) || options.Every > Day => ValidateOptionsResult.Fail($"Retention:Every is {options.Every}: set it to a value from 00:00:01 to 1.00:00:00."),
        { Batch: < 1 or > 10_000 } => ValidateOptionsResult.Fail($"Retention:Batch is {options.Batch}: set it to a value from 1 to 10000."),
        _ => ValidateOptionsResult.Success,
    };
}
