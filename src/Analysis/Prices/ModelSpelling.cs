using System.Text.RegularExpressions;

namespace Throughline.Analysis.Prices;

/// <summary>Undresses a model name: gateways put the provider in front of it, vendors the day of its release behind.</summary>
internal static partial class ModelSpelling
{
    /// <summary>Spellings to look up, the most exact first. Only what says nothing about the price is taken off.</summary>
    public static IEnumerable<string> Candidates(string model)
    {
        var name = model.Trim();
        if (name.Length is 0 or > 200)
        {
            yield break;
        }

        // A host's own price, such as groq/llama-…, is looked up before the prefix goes.
        for (var rest = name; ;)
        {
            foreach (var spelling in WithoutSuffixes(rest))
            {
                yield return spelling;
            }

            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                name = rest;
                break;
            }

            rest = rest[(slash + 1)..];
        }

        // us.anthropic.claude-…, anthropic.claude-…
        if (BedrockPrefix().Match(name) is { Success: true, Length: var length })
        {
            foreach (var spelling in WithoutSuffixes(name[length..]))
            {
                yield return spelling;
            }
        }
    }

    private static IEnumerable<string> WithoutSuffixes(string name)
    {
        yield return name;
        var bare = BedrockVersion().Replace(name, "");
        if (bare.Length != name.Length)
        {
            yield return bare;
        }

        var undated = Dated().Replace(bare, "");
        if (undated.Length != bare.Length)
        {
            yield return undated;
        }
    }

    [GeneratedRegex(@"^(?:(?:us|eu|apac|ap|jp|au|ca|global|us-gov)\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek|openai|ai21|qwen|google)\.", RegexOptions.IgnoreCase)]
    private static partial Regex BedrockPrefix();

    [GeneratedRegex(@"-v\d+(?::\d+)?$|:\d+$", RegexOptions.IgnoreCase)]
    private static partial Regex BedrockVersion();

    // -2024-08-06, -20240620, @20240620, @default, -latest, -001
    [GeneratedRegex(@"(?:[-@]20\d{2}-?\d{2}-?\d{2}|@default|@latest|-latest|-00\d)$", RegexOptions.IgnoreCase)]
    private static partial Regex Dated();
}
