using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Throughline.ServiceDefaults;

internal static class ProblemHandling
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>(); // before the framework's: the first that can write does
        services.AddProblemDetails(o => o.CustomizeProblemDetails = context => Complete(context));
        services.AddExceptionHandler<ProblemExceptionHandler>();
        // So that a body that is no JSON reaches the exception handler and gets its code, outside Development too.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        return services;
    }

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Extensions["traceId"] = Problems.TraceIdOf(context.HttpContext);
        if (problem is HttpValidationProblemDetails validation)
        {
            problem.Extensions.TryAdd("code", "invalid_field");
            var byMember = validation.Errors.ToDictionary(e => MemberOf(e.Key), e => e.Value);
            validation.Errors.Clear();
            foreach (var (member, messages) in byMember)
                validation.Errors[member] = messages;
        }

        problem.Extensions.TryAdd("code", Problems.CodeOf(problem.Status ?? context.HttpContext.Response.StatusCode));
    }

    /// <summary>Validators name CLR properties (<c>Items[0].FileName</c>); clients know JSON members (<c>items[0].fileName</c>).</summary>
    private static string MemberOf(string property) =>
        string.Join('.', property.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
