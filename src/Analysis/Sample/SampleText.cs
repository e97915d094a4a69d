using System.Globalization;
using System.Text.Unicode;

namespace Throughline.Analysis.Sample;

/// <summary>Writes rows as text, without allocating for each.</summary>
internal sealed class SampleText(SampleFormat format)
{
    public const int LongestRow = 1024;

    private const string Header = "timestamp,request_id,model,provider,user,team,feature,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,latency_ms,first_token_ms,status,prompt_hash,prefix_hash,prefix_tokens\n";

    public int WriteHeader(Span<byte> to)
    {
        Utf8.TryWrite(to, $"{(format == SampleFormat.Csv ? Header : "")}", out var written);
        return written;
    }

    public int WriteRow(Span<byte> to, SampleRow row)
    {
        var feature = SampleWorld.Features[row.Feature];
        var user = SampleWorld.Users[row.User];
        var status = row.IsError ? "error" : "ok";
        var invariant = CultureInfo.InvariantCulture;
        int written;
        if (format == SampleFormat.Csv)
        {
            Utf8.TryWrite(to, invariant, $"{row.At:yyyy-MM-ddTHH:mm:ss.fff}Z,req-{row.Number:D9},{row.Model},{row.Provider},{user},{feature.Team},{feature.Name},{row.Input},{row.Cached},{row.Written},{row.Output},{row.LatencyMs},", out written);
            Append(to, ref written, row.FirstTokenMs > 0, $"{row.FirstTokenMs}");
            Utf8.TryWrite(to[written..], invariant, $",{status},{row.Prompt:x16},", out var more);
            written += more;
            if (row.PrefixTokens > 0)
            {
                Utf8.TryWrite(to[written..], invariant, $"{feature.Name}-v1,{row.PrefixTokens}\n", out more);
            }
            else
            {
                Utf8.TryWrite(to[written..], $",\n", out more);
            }

            return written + more;
        }

        Utf8.TryWrite(to, invariant, $$"""{"timestamp":"{{row.At:yyyy-MM-ddTHH:mm:ss.fff}}Z","request_id":"req-{{row.Number:D9}}","model":"{{row.Model}}","provider":"{{row.Provider}}","user":"{{user}}","team":"{{feature.Team}}","feature":"{{feature.Name}}","input_tokens":{{row.Input}},"cached_input_tokens":{{row.Cached}},"cache_write_tokens":{{row.Written}},"output_tokens":{{row.Output}},"latency_ms":{{row.LatencyMs}},"status":"{{status}}","prompt_hash":"{{row.Prompt:x16}}" """, out written);
        written--; // the blank that keeps the quotes apart
        Append(to, ref written, row.FirstTokenMs > 0, $",\"first_token_ms\":{row.FirstTokenMs}");
        Append(to, ref written, row.PrefixTokens > 0, $",\"prefix_hash\":\"{feature.Name}-v1\",\"prefix_tokens\":{row.PrefixTokens}");
        "}\n"u8.CopyTo(to[written..]);
        return written + 2;
    }

    private static void Append(Span<byte> to, ref int written, bool isWanted, string text)
    {
        if (isWanted)
        {
            Utf8.FromUtf16(text, to[written..], out _, out var more);
            written += more;
        }
    }
}
