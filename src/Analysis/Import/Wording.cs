using Throughline.Contracts.Files;

namespace Throughline.Analysis.Import;

/// <summary>Answers about files that could not be read: what was seen, what is needed, what to do.</summary>
internal static class Wording
{
    public const string Reads = "Throughline reads CSV, JSON, JSONL, Parquet and gzip of these.";

    public static string NoUsableColumns(IEnumerable<string> names)
    {
        var seen = names.Where(n => n.Length > 0).Take(12).Select(n => n.Length > 40 ? n[..40] + "…" : n).ToArray();
        return (seen.Length == 0 ? "It has no named columns. " : $"Its columns are {string.Join(", ", seen)}. ")
            + "At least one with token counts is needed, such as input_tokens or output_tokens; timestamp, model, user and feature are of use.";
    }

    public static string NoUsableRows(RefusedRows refused) => refused.Count == 0
        ? "It has a header and no rows. Export it again with the rows."
        : $"None of its {refused.Count} rows could be read. Line {refused.First[0].Line}: {refused.First[0].Reason}";

    public static string WrongKind(string kind, string advice) => $"It is {kind}. {Reads} {advice}";
}
