namespace Throughline.Backend.Limits;

/// <summary>What a request asks of the service, and so what it costs and when it is turned away.</summary>
internal enum Work
{
    /// <summary>Health, and our own services: not limited here.</summary>
    Exempt,

    /// <summary>Opens a socket, which has limits of its own.</summary>
    Socket,

    /// <summary>A question. Turned away last.</summary>
    Ask,

    /// <summary>What takes next to nothing, or ends work: never turned away for being too much.</summary>
    Other,

    /// <summary>Reading what was said.</summary>
    History,

    /// <summary>Looks through all threads of a user.</summary>
    Search,

    /// <summary>Reads a whole thread.</summary>
    Export,

    /// <summary>Figures and files. Turned away first.</summary>
    Analytics,

    Upload,
}

/// <summary>One table says what each route is.</summary>
internal static class RouteWork
{
    public static Work Of(HttpContext context) => (context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/')) switch
    {
        (_, "/health/live" or "/health/ready" or "/metrics") => Work.Exempt,
        (_, { } path) when path.StartsWith("/internal/", StringComparison.Ordinal) => Work.Exempt,
        (_, "/ws") => Work.Socket,
        ("POST", "/api/agui") => Work.Ask,
        ("GET", "/api/threads") => context.Request.Query.ContainsKey("query") ? Work.Search : Work.History,
        ("GET", "/api/threads/{id}/export") => Work.Export,
        ("GET", { } path) when path.StartsWith("/api/threads/", StringComparison.Ordinal) || path.StartsWith("/api/runs/", StringComparison.Ordinal) => Work.History,
        ("POST", "/api/files" or "/api/files/sample") => Work.Upload,
        (_, { } path) when path.StartsWith("/api/files", StringComparison.Ordinal) || path.StartsWith("/api/facts", StringComparison.Ordinal) => Work.Analytics,
        _ => Work.Other,
    };
}
