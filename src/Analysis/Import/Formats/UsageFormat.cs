using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Formats;

/// <summary>One way in which sources spell usage: which of their names means what.</summary>
/// <param name="Name">Shown to people, e.g. <c>litellm-spend-logs</c>.</param>
/// <param name="Counting">Whether its input tokens include the cached ones.</param>
/// <param name="Recognises">Whether these column names are this format's.</param>
/// <param name="Fields">Meanings of its names; of several names with one meaning the first that has a value counts.</param>
internal sealed record UsageFormat(
    string Name, CacheCounting Counting, Func<IReadOnlySet<string>, bool> Recognises,
    IReadOnlyDictionary<string, (UsageField Field, int Rank)> Fields)
{
    /// <summary>Builds the meanings from lines of <c>field, first name, second name …</c>.</summary>
    public static Dictionary<string, (UsageField, int)> Names(params (UsageField Field, string Names)[] lines)
    {
        var fields = new Dictionary<string, (UsageField, int)>();
        foreach (var (field, names) in lines)
        {
            var rank = 0;
            foreach (var name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                fields.TryAdd(Key(name), (field, rank++));
            }
        }

        return fields;
    }

    /// <summary>Names are compared without case and punctuation: <c>Input Tokens</c>, <c>input_tokens</c>, <c>inputTokens</c>.</summary>
    public static string Key(string name) =>
        string.Create(name.Count(char.IsLetterOrDigit), name, static (key, name) =>
        {
            var i = 0;
            foreach (var c in name)
            {
                if (char.IsLetterOrDigit(c))
                {
                    key[i++] = char.ToLowerInvariant(c);
                }
            }
        });

    public bool TryMean(string column, out (UsageField Field, int Rank) meaning) => Fields.TryGetValue(Key(column), out meaning);
}
