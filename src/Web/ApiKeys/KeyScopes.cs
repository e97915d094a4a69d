namespace Throughline.Web.ApiKeys;

/// <summary>What a key may do, in words.</summary>
internal static class KeyScopes
{
    public const string Read = "api.read";
    public const string All = "api";
    public const string Account = "account";

    public static string Words(IReadOnlyList<string> scopes)
    {
        var words = string.Join(", ", scopes.Select(Word));
        return words.Length == 0 ? "Nothing" : char.ToUpperInvariant(words[0]) + words[1..];
    }

    private static string Word(string scope) => scope switch
    {
        Read => "read",
        All => "read and ask",
        Account => "account",
        _ => scope,
    };
}
