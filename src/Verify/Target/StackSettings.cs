namespace Throughline.Verify;

/// <summary>Settings of a target that verify knows because it started the target with them; null: the target's own.</summary>
internal sealed record StackSettings
{
    public TimeSpan? AccessLifetime { get; init; }

    public TimeSpan? TicketLifetime { get; init; }

    public TimeSpan? LimitWindow { get; init; }

    /// <summary>Signs access tokens with HS256.</summary>
    public string? SharedSecret { get; init; }

    public IReadOnlyDictionary<string, string> ToEnvironment()
    {
        var environment = new Dictionary<string, string> { ["Accounts__SignUpsPerMinute"] = "100000" };
        if (AccessLifetime is { } access) environment["Tokens__AccessLifetime"] = access.ToString("c");
        if (TicketLifetime is { } ticket) environment["Gateway__TicketLifetime"] = ticket.ToString("c");
        if (LimitWindow is { } window) environment["Limits__Window"] = window.ToString("c");
        if (SharedSecret is not null) environment["JWT_SECRET_KEY"] = SharedSecret;
        return environment;
    }
}
