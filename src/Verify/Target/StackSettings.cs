namespace Throughline.Verify;

/// <summary>Settings of a target that verify knows because it started the target with them; null: the target's own.</summary>
internal sealed record StackSettings
{
    public TimeSpan? TicketLifetime { get; init; }

    public TimeSpan? LimitWindow { get; init; }

    /// <summary>Signs access tokens with HS256.</summary>
    public string? SharedSecret { get; init; }

    /// <summary>The endpoint of a language model.</summary>
    public Uri? Model { get; init; }

    /// <summary>Longest that one tool may take.</summary>
    public TimeSpan? ToolTimeout { get; init; }

    /// <summary>Failed sign-ins from one address before the next must wait; else so many that nobody meets it.</summary>
    public int? FailedLoginsPerAddress { get; init; }

    public IReadOnlyDictionary<string, string> ToEnvironment()
    {
        // Everybody here comes from one address, and nobody's password needs to be kept from anyone for long.
        var environment = new Dictionary<string, string> { ["Accounts__HashMemory"] = "7", ["Accounts__HashPasses"] = "5", ["Accounts__SignUpsPerMinute"] = "100000" };
        environment["Limits__PointsPerAddress"] = "1000000";
        environment["Limits__SocketsPerAddress"] = "100000";
        environment["Accounts__FailedLoginsPerAddress"] = $"{FailedLoginsPerAddress ?? 100_000}";
        environment["Accounts__LoginFailuresPerAddress"] = "100000";
        if (TicketLifetime is { } ticket) environment["Gateway__TicketLifetime"] = ticket.ToString("c");
        if (LimitWindow is { } window) environment["Limits__Window"] = window.ToString("c");
        if (SharedSecret is not null) environment["JWT_SECRET_KEY"] = SharedSecret;
        if (Model is not null) environment["Model__Endpoint"] = Model.AbsoluteUri;
        if (ToolTimeout is { } tool) environment["Analysis__ToolTimeout"] = tool.ToString("c");
        return environment;
    }
}
