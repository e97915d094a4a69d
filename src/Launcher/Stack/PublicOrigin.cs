using System.Diagnostics.CodeAnalysis;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>The address under which people reach a stack. It is the issuer of its tokens, and its host is what passkeys are made for.</summary>
internal static class PublicOrigin
{
    /// <summary>What people open: the public origin and, where that is this machine, the port where the frontend is now.</summary>
    public static string Of(StateDescription? state, string frontend) =>
        TokenOptions.OriginElsewhere(state?.Issuer) ?? FrontendPages.At(new(frontend)).GetLeftPart(UriPartial.Authority);

    /// <param name="origin">Scheme, host and, where it is not the scheme's own, port.</param>
    /// <param name="fault">One sentence with the remedy.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? origin, [NotNullWhen(false)] out string? fault)
    {
        (origin, fault) = (null, null);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" })
            fault = $"'{text}' is no origin: write scheme and host, and nothing after them, such as https://spend.example.com.";
        else if (url is { Scheme: "http", IsLoopback: false })
            fault = $"'{text}' is plain HTTP, which is for this machine only: write https, and let a reverse proxy or a certificate see to it (docs/hosting.md).";
        else
            origin = url.GetLeftPart(UriPartial.Authority);
        return fault is null;
    }
}
