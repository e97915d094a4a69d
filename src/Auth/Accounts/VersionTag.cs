using System.Globalization;

namespace Throughline.Auth.Accounts;

/// <summary>An account's version as its ETag, and the condition <c>If-Match</c> that names one.</summary>
internal static class VersionTag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <param name="version">The version that must still be there at the write; null without a condition.</param>
    public static bool TryReadIfMatch(HttpRequest request, long current, out long? version)
    {
        var condition = request.GetTypedHeaders().IfMatch;
        version = condition.Count == 0 || condition.Any(tag => tag.Tag == "*") ? null : current;
        if (request.Headers.IfMatch.Count > 0 && condition.Count == 0) return false; // a tag that is none matches nothing
        return version is null || condition.Any(tag => !tag.IsWeak && tag.Tag == Of(current));
    }
}
