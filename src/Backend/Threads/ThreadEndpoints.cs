using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Backend.Facts;
using Throughline.Backend.Nodes;
using Throughline.Backend.Runs;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

internal static class ThreadEndpoints
{
    private const int MaxPage = 200;
    private const int MaxEvents = 1000;

    public static IServiceCollection AddThreads(this IServiceCollection services, bool hasOtherNodes)
    {
        services.AddSingleton<ThreadHub>();
        services.AddSingleton<ThreadLog>();
        services.AddSingleton<ThreadStore>();
        services.AddSingleton<ThreadEraser>();
        services.AddSingleton<ThreadMetrics>();
        services.AddSingleton<LogAppender>();
        if (hasOtherNodes)
        {
            services.AddSingleton<ThreadBell>();
            services.AddHostedService(provider => provider.GetRequiredService<ThreadBell>());
        }

        return services;
    }

    public static void MapThreads(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/threads").RequireAuthorization().WithTags("Threads");
        group.MapGet("", ListAsync);
        group.MapPost("", CreateAsync);
        group.MapGet("/{id}", FindAsync);
        group.MapPatch("/{id}", RenameAsync);
        group.MapDelete("/{id}", DeleteAsync);
        group.MapGet("/{id}/events", EventsAsync);
        group.MapGet("/{id}/messages", MessagesAsync);
        group.MapGet("/{id}/export", ExportAsync);
    }

    private static async Task<Results<Ok<Page<ThreadSummary>>, ProblemHttpResult>> ListAsync(
        HttpContext context, ThreadStore threads, CancellationToken cancellationToken, int limit = 50, string? cursor = null, string? query = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        if (query?.Length > 200) return Problems.Invalid("query", "query has at most 200 characters.");
        if ((cursor is null ? [long.MaxValue, long.MaxValue] : Cursor.Read(cursor, 2)) is not { } place) return ThreadProblems.NoCursor();

        var page = await threads.PageAsync(context.AccessToken().UserId, place[0], place[1], string.IsNullOrWhiteSpace(query) ? null : query.Trim(), limit + 1, cancellationToken);
        var items = page.Take(limit).ToList();
        var next = page.Count > limit ? Cursor.Of(items[^1].Thread.UpdatedAt.ToUnixTimeMilliseconds(), items[^1].ThreadNo) : null;
        return TypedResults.Ok(new Page<ThreadSummary>([.. items.Select(i => i.Thread)], next));
    }

    private static async Task<Results<Created<ThreadSummary>, ProblemHttpResult>> CreateAsync(
        HttpContext context, ThreadStore threads, CancellationToken cancellationToken, CreateThread? body = null)
    {
        if (body?.Id is { } id && !RunInput.IsId(id)) return Problems.Invalid("id", "id must have 1 to 128 characters.");
        if (body?.Title is { Length: > ThreadTitle.MaxLength }) return ThreadProblems.LongTitle();
        var key = KeyOf(context, body?.Id ?? Guid.CreateVersion7().ToString());
        var title = string.IsNullOrWhiteSpace(body?.Title) ? "New thread" : body.Title.Trim();
        return await threads.TryAddAsync(key, title, cancellationToken)
            ? TypedResults.Created($"/api/threads/{Uri.EscapeDataString(key.ThreadId)}", await threads.FindAsync(key, cancellationToken))
            : Problems.Of(StatusCodes.Status409Conflict, "id_reused", "You have a thread of this id already.");
    }

    private static async Task<Results<Ok<ThreadSummary>, ProblemHttpResult>> FindAsync(string id, HttpContext context, ThreadStore threads, CancellationToken cancellationToken) =>
        await threads.FindAsync(KeyOf(context, id), cancellationToken) is { } thread ? TypedResults.Ok(thread) : ThreadProblems.NotFound();

    private static async Task<Results<Ok<ThreadSummary>, ProblemHttpResult>> RenameAsync(
        string id, RenameThread body, HttpContext context, ThreadStore threads, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Title)) return Problems.Invalid("title", "title is missing.");
        if (body.Title.Length > ThreadTitle.MaxLength) return ThreadProblems.LongTitle();
        var key = KeyOf(context, id);
        return await threads.TryRenameAsync(key, body.Title.Trim(), cancellationToken) && await threads.FindAsync(key, cancellationToken) is { } thread
            ? TypedResults.Ok(thread)
            : ThreadProblems.NotFound();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpContext context, ThreadStore threads, ThreadGrains grains, CancellationToken cancellationToken)
    {
        var key = KeyOf(context, id);
        // Looked for first, so that asking for what is not there wakes no grain.
        return await threads.FindAsync(key, cancellationToken) is not null && await grains.CallAsync(key, grain => grain.DeleteAsync())
            ? TypedResults.NoContent()
            : ThreadProblems.NotFound();
    }

    private static async Task<Results<Ok<Page<LoggedEvent>>, ProblemHttpResult>> EventsAsync(
        string id, HttpContext context, ThreadLog log, CancellationToken cancellationToken, long after = 0, int limit = MaxEvents)
    {
        if (after < 0) return Problems.Invalid("after", "after is a seq, from 0.");
        if (limit is < 1 or > MaxEvents) return Problems.Invalid("limit", $"limit is 1 to {MaxEvents}.");
        var key = KeyOf(context, id);
        if (await log.HeadAsync(key, cancellationToken) is not { } head) return ThreadProblems.NotFound();

        var items = new List<LoggedEvent>();
        while (items.Count < limit && await log.ReadAsync(key, items.Count == 0 ? after : items[^1].Seq, limit - items.Count, cancellationToken) is { Count: > 0 } page)
            items.AddRange(page.Select(entry => new LoggedEvent(entry.Seq, JsonElement.Parse(entry.Event.Span))));
        return TypedResults.Ok(new Page<LoggedEvent>(items, items is [.., var last] && last.Seq < head ? last.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Ok<Page<AgUiMessage>>, ProblemHttpResult>> MessagesAsync(
        string id, HttpContext context, ThreadLog log, CancellationToken cancellationToken, int limit = MaxPage, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        if ((cursor is null ? [0] : Cursor.Read(cursor, 1)) is not [>= 0 and <= int.MaxValue and var from]) return ThreadProblems.NoCursor();
        var key = KeyOf(context, id);
        if (await log.HeadAsync(key, cancellationToken) is null) return ThreadProblems.NotFound();

        var fold = new MessageFold();
        await foreach (var entry in log.ReadAllAsync(key, 0, cancellationToken)) fold.Add(RunJournal.Read(entry));
        var all = fold.Messages;
        var page = all.Skip((int)from).Take(limit).ToList();
        return TypedResults.Ok(new Page<AgUiMessage>(page, from + page.Count < all.Count ? Cursor.Of(from + page.Count) : null));
    }

    private static async Task<IResult> ExportAsync(
        string id, HttpContext context, ThreadStore threads, ThreadLog log, FactStore facts, CancellationToken cancellationToken, string format = "md")
    {
        var key = KeyOf(context, id);
        if (format is not ("md" or "json" or "csv")) return Problems.Invalid("format", "format is md, json or csv.");
        if (await threads.FindAsync(key, cancellationToken) is not { } thread) return ThreadProblems.NotFound();

        var fold = new ExchangeFold();
        await foreach (var entry in log.ReadAllAsync(key, 0, cancellationToken)) fold.Add(RunJournal.Read(entry));
        var sources = await facts.OfThreadAsync(key, cancellationToken);
        var (content, type) = format switch
        {
            "json" => (JsonSerializer.Serialize(new ExportedThread(thread, ThreadExport.Json(fold.Exchanges, sources)), ExportJson.Default.ExportedThread), "application/json"),
            "csv" => (ThreadExport.Csv(fold.Exchanges, sources), "text/csv"),
            _ => (ThreadExport.Markdown(thread, fold.Exchanges, sources), "text/markdown"),
        };
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(Encoding.UTF8.GetBytes(content), $"{type}; charset=utf-8", $"thread.{format}");
    }

    private static ThreadKey KeyOf(HttpContext context, string id) => ThreadKey.Of(context.AccessToken(), id);
}

internal static class ThreadProblems
{
    public static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such thread.");

    public static ProblemHttpResult NoCursor() => Problems.Invalid("cursor", "cursor is the last page's next.");

    public static ProblemHttpResult LongTitle() => Problems.Invalid("title", $"title has at most {ThreadTitle.MaxLength} characters.");
}
