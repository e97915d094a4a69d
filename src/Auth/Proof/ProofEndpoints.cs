using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Auth.Admin;
using Throughline.Auth.Audit;
using Throughline.Auth.Sessions;
using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Proof;

/// <summary><c>/auth/admin/proof</c>: what verify found, and a run of it, for administrators.</summary>
internal static class ProofEndpoints
{
    private const int MaxWaitSeconds = 30;

    public static IServiceCollection AddProof(this IServiceCollection services)
    {
        services.AddOptions<ProofOptions>().BindConfiguration("Proof").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProofOptions>, ProofOptionsValidator>();
        services.AddSingleton(provider => new KeptReports(KeptReports.FolderIn(provider.GetRequiredService<StateFolder>().Root)));
        services.AddSingleton<ProofMetrics>();
        services.AddSingleton<ProofRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<ProofRunner>());
        return services;
    }

    public static void MapProof(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ProofMetrics>(); // gauges are there once somebody has made them
        var group = routes.MapGroup("/auth/admin/proof").RequireLiveSession().AddEndpointFilter<RouteGroupBuilder, AdminOnly>().WithTags("Proof");
        group.MapGet("", Read);
        group.MapGet("/run", WaitAsync);
        group.MapPost("/run", RunAsync);
    }

    private static Ok<ProofOverview> Read(KeptReports kept, ProofRunner runner)
    {
        var reports = kept.Read();
        var whole = reports.Select(r => r.Document).OfType<ProofDocument>().ToList();
        return TypedResults.Ok(new ProofOverview(
            whole.FirstOrDefault(), [.. whole.Select(d => RunOf(d.Result))], [.. reports.Where(r => r.Document is null).Select(r => Path.GetFileName(r.Path))], runner.Progress));
    }

    private static async Task<Results<Ok<ProofProgress>, ProblemHttpResult>> WaitAsync(ProofRunner runner, CancellationToken cancellationToken, long after = 0, int wait = 0) =>
        wait is < 0 or > MaxWaitSeconds
            ? Problems.Invalid("wait", $"Waits are 0 to {MaxWaitSeconds} seconds.")
            : TypedResults.Ok(await runner.WaitAsync(after, TimeSpan.FromSeconds(wait), cancellationToken));

    private static async Task<Results<Accepted<ProofProgress>, ProblemHttpResult>> RunAsync(
        HttpContext context, ProofRunner runner, AuditLog audit, CancellationToken cancellationToken, string browser = "auto")
    {
        if (browser is not ("auto" or "off")) return Problems.Invalid("browser", "It is auto, or off to leave the journey in a browser out.");
        if (!runner.CanRun)
            return Problems.Of(StatusCodes.Status409Conflict, "not_available", "Verify cannot be run from here.", "This service was not started by the launcher: run ./throughline verify --state on its machine.");
        if (!runner.TryStart(browser))
            return Problems.Of(StatusCodes.Status409Conflict, "already_running", "Verify is running.", "Its report is here when it is done.");
        await audit.WriteAsync(new(AuditEvents.AdminAction, AuditOutcome.Success, context.LiveSession().User.Id, Detail: "Ran verify."), cancellationToken);
        return TypedResults.Accepted("/auth/admin/proof/run", runner.Progress);
    }

    private static ProofRun RunOf(ProofReport report) => new(
        report.Id, report.StartedAt, report.Elapsed.TotalMilliseconds, report.State, report.ExitCode, report.Money.AtRisk, report.FirstFailure?.Id ?? report.StartFailure);
}
