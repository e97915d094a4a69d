using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Admin;

/// <summary><c>/auth/admin</c>, for administrators. The ETag of a user is the account's version, as at <c>/auth/me</c>.</summary>
internal static class AdminEndpoints
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddScoped<Administrators>();
        services.AddScoped<AdminUserStore>();
        services.AddHostedService<FirstAdministrator>();
        return services;
    }

    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/auth/admin").RequireLiveSession().AddEndpointFilter<RouteGroupBuilder, AdminOnly>().WithTags("Admin");
        group.MapGet("/users", ListAsync);
        group.MapGet("/users/{id:guid}", FindAsync);
        group.MapPatch("/users/{id:guid}", ChangeAsync);
        group.MapDelete("/users/{id:guid}/sessions", SignOutAsync);
        group.MapGet("/audit", ReadAuditAsync);
    }

    private static async Task<Results<Ok<Page<AdminUser>>, ProblemHttpResult>> ListAsync(
        AdminUserStore users, CancellationToken cancellationToken, string? query = null, string? cursor = null, int limit = Paging.Usual)
    {
        if (Paging.Check(limit) is { } problem) return problem;
        if (!Paging.TryRead(cursor, Guid.TryParse, out Guid? before)) return Paging.NoCursor();
        var found = await users.ListAsync(query, before, limit + 1, cancellationToken);
        return TypedResults.Ok(Paging.PageOf(found, limit, last => last.UserId.ToString()));
    }

    private static async Task<Results<Ok<AdminUser>, ProblemHttpResult>> FindAsync(
        Guid id, HttpContext context, AdminUserStore users, CancellationToken cancellationToken) =>
        await users.FindAsync(id, cancellationToken) is { } user ? WithTag(context, user) : AdminProblems.NoUser();

    private static async Task<Results<Ok<AdminUser>, ProblemHttpResult>> ChangeAsync(
        Guid id, AdminUserPatch patch, HttpContext context, AdminUserStore users, CancellationToken cancellationToken)
    {
        if (Check(patch) is { } problem) return problem;
        if (await users.FindAsync(id, cancellationToken) is not { } before) return AdminProblems.NoUser();
        if (!VersionTag.TryReadIfMatch(context.Request, before.Version, out var version)) return AccountProblems.Changed();
        return await users.ChangeAsync(id, patch, version, cancellationToken) switch
        {
            AdminChange.Done => await FindAsync(id, context, users, cancellationToken),
            AdminChange.NoUser => AdminProblems.NoUser(),
            AdminChange.Stale => AccountProblems.Changed(),
            AdminChange.LastAdmin => AdminProblems.LastAdmin(),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SignOutAsync(Guid id, AdminUserStore users, CancellationToken cancellationToken) =>
        await users.SignOutAsync(id, cancellationToken) ? TypedResults.NoContent() : AdminProblems.NoUser();

    private static async Task<Results<Ok<Page<AuditRecord>>, ProblemHttpResult>> ReadAuditAsync(
        AuditReader audit, CancellationToken cancellationToken, Guid? user = null, string? @event = null, string? cursor = null, int limit = Paging.Usual)
    {
        if (Paging.Check(limit) is { } problem) return problem;
        if (!Paging.TryRead(cursor, long.TryParse, out long? before)) return Paging.NoCursor();
        return TypedResults.Ok(await audit.ReadAsync(user, @event, before, limit, cancellationToken));
    }

    private static ProblemHttpResult? Check(AdminUserPatch patch)
    {
        var errors = new Dictionary<string, string[]>();
        if (patch.Tier is { } tier && !Standing.Tiers.Contains(tier)) errors["tier"] = [$"A tier is one of {string.Join(", ", Standing.Tiers)}."];
        if (patch.Role is { } role && !Standing.Roles.Contains(role)) errors["role"] = [$"A role is one of {string.Join(", ", Standing.Roles)}."];
        return errors.Count > 0 ? Problems.Invalid(errors) : null;
    }

    private static Ok<AdminUser> WithTag(HttpContext context, AdminUser user)
    {
        context.Response.Headers.ETag = VersionTag.Of(user.Version);
        return TypedResults.Ok(user);
    }
}
