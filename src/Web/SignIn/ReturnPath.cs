using Microsoft.AspNetCore.Components;

namespace Throughline.Web.SignIn;

/// <summary>Where to go after signing in: a path of this app, never another site.</summary>
internal static class ReturnPath
{
    public static string SignIn(NavigationManager navigation)
    {
        var path = "/" + navigation.ToBaseRelativePath(navigation.Uri);
        return path is "/" ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(path)}";
    }

    /// <summary>A path as it came in an address, or <c>/</c> where it is not local.</summary>
    public static string Local(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) ? path : "/";
}
