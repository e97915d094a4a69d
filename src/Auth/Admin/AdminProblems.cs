using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Admin;

internal static class AdminProblems
{
    public static ProblemHttpResult Forbidden() =>
        Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your account may not do this.", "Ask an administrator.");

    public static ProblemHttpResult LastAdmin() => Problems.Of(
        StatusCodes.Status409Conflict, "last_admin", "This is the last administrator.", "Make somebody else an administrator first.");

    public static ProblemHttpResult NoUser() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such user.");
}
