namespace Throughline.Verify;

/// <summary>What an assertion needs of the target beside its public surfaces. Where it is not there the assertion is excluded.</summary>
[Flags]
internal enum Needs
{
    None = 0,

    /// <summary>The state folder: records, secrets, logs.</summary>
    State = 1,

    /// <summary>A window of message limits that ends while one waits.</summary>
    ShortWindow = 4,

    /// <summary>Tickets that run out while one waits.</summary>
    ShortTickets = 8,

    /// <summary>The secret with which the target signs access tokens, so that a forgery is wrong in one thing only.</summary>
    SharedSecret = 16,

    /// <summary>The password of an administrator.</summary>
    Administrator = 32,

    /// <summary>A stack that verify started itself.</summary>
    OwnStack = 64,

    /// <summary>A browser.</summary>
    Browser = 128,

    /// <summary>Access tokens signed by a published key.</summary>
    PublishedKeys = 256,

    /// <summary>The services' own addresses, not the public origin alone.</summary>
    Services = 512,

    /// <summary>The operating system's view of the target's processes.</summary>
    SameMachine = 1024,

    /// <summary>Limits on sign-ups that leave room for many.</summary>
    ManySignUps = 2048,

    /// <summary>The key-value store that comes with the stack, not the operator's own Redis.</summary>
    OwnStore = 4096,
}

/// <summary>One thing that a check says of the system, before it is known whether it holds.</summary>
/// <param name="Id">Stable: check, subject, case, e.g. <c>jwt.reject.expired</c>.</param>
/// <param name="Statement">One sentence in the present tense.</param>
/// <param name="LimitMs">The longest that what it measures may take, milliseconds.</param>
internal sealed record Assertion(string Id, string Statement, double? LimitMs = null)
{
    public Needs Needs { get; init; }

    /// <summary>The longest that it may run at all. Default: its limit and one second for what surrounds it, else ten seconds.</summary>
    public TimeSpan Deadline { get; init; } = LimitMs is { } limit ? TimeSpan.FromMilliseconds(limit + 1000) : TimeSpan.FromSeconds(10);

    public string Check => Id[..Id.IndexOf('.', StringComparison.Ordinal)];
}
