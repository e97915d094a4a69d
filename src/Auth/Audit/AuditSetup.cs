using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Audit;

internal static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<AuditMetrics>();
        services.AddScoped<AuditTip>();
        services.AddScoped<AuditLog>();
        services.AddScoped<AuditReader>();
        services.AddSingleton<AuditAnchoring>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditAnchoring>());
        return services;
    }

    /// <summary>People see what happened to their own account; all else is for administrators (<c>/auth/admin/audit</c>).</summary>
    public static void MapActivity(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/auth/activity").RequireLiveSession().WithTags("Audit").MapGet("", ReadOwnAsync);

    private static async Task<Results<Ok<Page<AuditRecord>>, ProblemHttpResult>> ReadOwnAsync(
        HttpContext context, AuditReader audit, CancellationToken cancellationToken, string? cursor = null, int limit = Paging.Usual)
    {
        if (Paging.Check(limit) is { } problem) return problem;
        if (!Paging.TryRead(cursor, long.TryParse, out long? before)) return Paging.NoCursor();
        var page = await audit.ReadAsync(context.LiveSession().User.Id, name: null, before, limit, cancellationToken);
        return TypedResults.Ok(page with { Items = [.. page.Items.Select(WithoutAdministrator)] });
    }

    /// <summary>Where an administrator sits is not the user's to know.</summary>
    private static AuditRecord WithoutAdministrator(AuditRecord entry) =>
        entry.ActorId is null ? entry : entry with { ActorId = null, Address = null, UserAgent = null, TraceId = null };
}
