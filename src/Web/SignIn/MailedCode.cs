using Microsoft.AspNetCore.Components;

namespace Throughline.Web.SignIn;

/// <summary>The code in a mailed link: in the fragment, <c>/reset-password#code=…</c>, which no browser sends to any server.</summary>
internal static class MailedCode
{
    private const string Mark = "code=";

    /// <summary>Takes the code out of the address, so that it stays neither in the history nor on the screen.</summary>
    /// <returns><c>null</c> where the address has none.</returns>
    public static string? Take(NavigationManager navigation)
    {
        var parts = navigation.Uri.Split('#', 2);
        var code = parts.Length < 2 ? null : parts[1].Split('&').FirstOrDefault(part => part.StartsWith(Mark, StringComparison.Ordinal))?[Mark.Length..];
        if (string.IsNullOrEmpty(code))
            return null;
        navigation.NavigateTo(parts[0], replace: true);
        return Uri.UnescapeDataString(code);
    }
}
