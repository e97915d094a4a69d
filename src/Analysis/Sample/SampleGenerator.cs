using System.IO.Compression;
using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Sample;

/// <summary>Writes realistic usage data of any size from a seed, and says what is true of it.</summary>
/// <remarks>
/// Six features of one company: weekdays and hours, an hour on a dearer model, repeated prompts, a support bot whose 1,640-token prefix is
/// hardly cached, a nightly job that could be a batch, a model without a price, some errors.
/// </remarks>
public static class SampleGenerator
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Writes the rows to a stream, which stays open, and returns their true answers.</summary>
    public static async Task<SampleAnswers> WriteAsync(Stream stream, SampleFormat format, SampleOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        var text = new SampleText(format);
        var ledger = new SampleLedger(options, PriceTable.Load());
        var buffer = new byte[BufferBytes];
        var used = text.WriteHeader(buffer);
        foreach (var row in SampleRows.Generate(options))
        {
            if (used + SampleText.LongestRow > buffer.Length)
            {
                await stream.WriteAsync(buffer.AsMemory(0, used), cancellationToken);
                used = 0;
            }

            used += text.WriteRow(buffer.AsSpan(used), row);
            ledger.Add(row);
        }

        await stream.WriteAsync(buffer.AsMemory(0, used), cancellationToken);
        return ledger.ToAnswers();
    }

    /// <summary>Writes a file, and beside it <c>&lt;name&gt;.answers.json</c>.</summary>
    /// <param name="path"><c>usage.csv</c>, <c>usage.jsonl</c>, either with <c>.gz</c> behind; anything else is CSV.</param>
    public static async Task<SampleAnswers> WriteFileAsync(string path, SampleOptions options, CancellationToken cancellationToken)
    {
        var isGzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        var plain = isGzip ? path[..^3] : path;
        var format = plain.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? SampleFormat.Jsonl : SampleFormat.Csv;
        SampleAnswers answers;
        await using (var file = File.Create(path))
        {
            await using var target = isGzip ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
            answers = await WriteAsync(target, format, options, cancellationToken);
        }

        await File.WriteAllTextAsync(AnswersPath(path), answers.ToJson() + "\n", cancellationToken);
        return answers;
    }

    /// <summary>Where the answers to a sample file lie: <c>usage.csv.gz</c> → <c>usage.answers.json</c>.</summary>
    public static string AnswersPath(string path)
    {
        var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.ChangeExtension(plain, ".answers.json");
    }
}
