using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsCheck;
using DuckDB.NET.Data;
using Throughline.Analysis.Import;

namespace Throughline.Analysis.Tests.Import;

public sealed class ReadingHostileFiles : IDisposable
{
    private const string Header = "timestamp,request_id,model,input_tokens,output_tokens\n";
    private const string Row = "2025-03-01T10:00:00Z,r,gpt-4o,10,2\n";
    private readonly ImportFolder _folder = new();

    [Theory]
    [InlineData("", "empty_file")]
    [InlineData(" \r\n\n", "empty_file")]
    [InlineData(Header, "no_usable_rows")]
    [InlineData("colour,shape\nred,round\n", "no_usable_columns")]
    [InlineData("just a note to myself", "no_usable_columns")]
    [InlineData("{\"colour\":\"red\"}\n{\"colour\":\"blue\"}\n", "no_usable_columns")]
    [InlineData("[]", "no_usable_columns")]
    [InlineData("[{\"input_tokens\":1,\"output_tokens\":1},{\"input_tok", "damaged_file")]
    [InlineData("{\"data\":[", "no_usable_columns")]
    [InlineData("timestamp,input_tokens\n2025-01-01,n/a\n", "no_usable_rows")]
    public async Task A_file_without_usage_is_refused_in_words(string text, string code)
    {
        var refused = Assert.IsType<Refused>(await _folder.ImportAsync("notes.txt", text));

        Assert.Equal((code, "notes.txt was not read."), (refused.Code, refused.Title));
        Assert.EndsWith(code == "no_usable_rows" && text != Header ? "n/a" : ".", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(["notes.txt"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_spreadsheet_is_refused_with_what_to_do()
    {
        Assert.Equal(
            new Refused("unsupported_format", "notes.xlsx was not read.", "Throughline reads CSV, JSON, JSONL, Parquet and gzip of these. Save the sheet as CSV and drop it again."),
            await _folder.ImportAsync("notes.xlsx", [(byte)'P', (byte)'K', 3, 4, 20, 0, 6, 0]));
    }

    [Theory]
    [InlineData(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0 })]
    [InlineData(new byte[] { (byte)'P', (byte)'A', (byte)'R', (byte)'1', 1, 2, 3 })]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 99, 98 })]
    [InlineData(new byte[] { 1, 0, 2, 0, 3, 0 })]
    public async Task Binary_files_are_refused(byte[] bytes) =>
        Assert.Contains(Assert.IsType<Refused>(await _folder.ImportAsync("a.csv", bytes)).Code, (string[])["unsupported_format", "damaged_file", "empty_file"]);

    [Fact]
    public async Task Bad_rows_are_named_by_line_and_the_rest_is_kept()
    {
        var outcome = await _folder.ReadAsync("x.csv", Header
            + "2025-03-01T10:00:00Z,\"two\nlines\",gpt-4o,10,2\n"
            + "2025-03-01T10:00:00Z,r2,gpt-4o,10,n/a\n"
            + "2025-03-01T10:00:00Z,r3,gpt-4o,-1,2\n"
            + "2025-03-01T10:00:00Z,r4,gpt-4o,1.5,2\n"
            + "03/04/2025,r5,gpt-4o,10,2\n"
            + ",r6,gpt-4o,10,2\n"
            + "2025-03-01T10:00:00Z,r7,gpt-4o,,\n"
            + "2025-03-01T10:00:00Z,r8,gpt-4o,10\n"
            + "2025-03-01T10:00:00Z,\"r9\"x,gpt-4o,10,2\n"
            + "2025-03-01T10:00:00Z,r10,gpt-4o,99999999999999999999,2\n"
            + "\n"
            + Row
            + "2025-03-01T10:00:00Z,r12,gpt-4o,10,2,,\n"
            + "2025-03-01T10:00:00Z,r13,gp");

        Assert.Equal(
            [
                "4: output_tokens is not a whole number: n/a", "5: input_tokens is not a whole number: -1", "6: input_tokens is not a whole number: 1.5",
                "7: timestamp is not a time in ISO 8601 or Unix time: 03/04/2025", "8: timestamp is empty", "9: no token counts",
                "10: 4 fields where the header has 5", "11: text after a closing quote", "12: input_tokens is not a whole number: 99999999999999999999",
                "16: 3 fields where the header has 5",
            ],
            outcome.Refused.First.Select(r => $"{r.Line}: {r.Reason}"));
        Assert.Equal(["2|two\nlines", "14|r", "15|r12"], _folder.Rows("source_line, request_id"));
    }

    [Fact]
    public async Task A_quote_that_never_closes_costs_its_own_line_only()
    {
        var outcome = await _folder.ReadAsync("x.csv", Header + Row + "2025-03-01T10:00:00Z,\"open,gpt-4o,10,2\n" + Row + Row);

        Assert.Equal(["2", "4", "5"], _folder.Rows("source_line"));
        Assert.Equal([(3L, "a quote is not closed")], outcome.Refused.First.Select(r => (r.Line, r.Reason)));
    }

    [Theory]
    [InlineData(".csv", "2025-03-01T10:00:00Z,{0},gpt-4o,10,2\n", Header)]
    [InlineData(".jsonl", "{{\"request_id\":\"{0}\",\"input_tokens\":10,\"output_tokens\":2}}\n", "")]
    public async Task A_line_over_one_mebibyte_is_refused_and_not_held(string extension, string row, string header)
    {
        var format = CompositeFormat.Parse(row);
        var short1 = string.Format(CultureInfo.InvariantCulture, format, "r");
        var outcome = await _folder.ReadAsync("x" + extension, header + short1 + string.Format(CultureInfo.InvariantCulture, format, new string('x', 3 << 20)) + short1);

        Assert.Equal((2L, 1L), (outcome.Rows, outcome.Refused.Count));
        Assert.Equal("longer than 1048576 bytes", outcome.Refused.First[0].Reason);
        Assert.Equal(header.Length > 0 ? ["2", "4"] : ["1", "3"], _folder.Rows("source_line"));
    }

    [Theory]
    [InlineData("utf-8-bom")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("crlf")]
    [InlineData("tab")]
    [InlineData("gzip")]
    public async Task Dialects_of_the_same_table_read_alike(string dialect)
    {
        var text = Header + Row + Row;
        var bytes = dialect switch
        {
            "utf-8-bom" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            "utf-16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
            "utf-16BE" => [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text)],
            "crlf" => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")),
            "tab" => Encoding.UTF8.GetBytes(text.Replace(',', '\t')),
            _ => ImportFolder.Gzip(Encoding.UTF8.GetBytes(text)),
        };

        Assert.Equal((2L, 0L), Assert.IsType<Imported>(await _folder.ImportAsync("x", bytes)) is var read ? (read.Rows, read.Refused.Count) : default);
        Assert.Equal(["2|gpt-4o|10|2", "3|gpt-4o|10|2"], _folder.Rows("source_line, model, input_uncached, output"));
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_costs_its_row()
    {
        var outcome = Assert.IsType<Imported>(await _folder.ImportAsync("x.csv",
            [.. Encoding.UTF8.GetBytes(Header + Row), .. Encoding.Latin1.GetBytes("2025-03-01T10:00:00Z,José,gpt-4o,10,2\n")]));

        Assert.Equal([(3L, "request_id is not UTF-8 text")], outcome.Refused.First.Select(r => (r.Line, r.Reason)));
    }

    [Fact]
    public async Task Deeply_nested_JSON_costs_its_line()
    {
        var deep = "{\"a\":" + string.Concat(Enumerable.Repeat("[", 200_000)) + string.Concat(Enumerable.Repeat("]", 200_000)) + "}";
        var outcome = await _folder.ReadAsync("x.jsonl", "{\"input_tokens\":1}\n" + deep + "\n{\"input_tokens\":2}\n{\"input_tokens\":\n");

        Assert.Equal(["1", "3"], _folder.Rows("source_line"));
        Assert.Equal([2L, 4L], outcome.Refused.First.Select(r => r.Line));
        Assert.All(outcome.Refused.First, r => Assert.StartsWith("not valid JSON at byte", r.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cut_gzip_is_refused_because_its_sums_would_be_wrong()
    {
        var random = new Random(1);
        var text = new StringBuilder(Header);
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"2025-03-01T10:00:00Z,r{random.Next()},gpt-4o,{random.Next(1000)},2\n");
        }

        var whole = ImportFolder.Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        var refused = Assert.IsType<Refused>(await _folder.ImportAsync("x.csv.gz", whole[..(whole.Length / 2)]));

        Assert.Equal("damaged_file", refused.Code);
        Assert.False(File.Exists(_folder.Parquet));
    }

    [Fact]
    public async Task A_gzip_bomb_is_stopped_early()
    {
        var path = Path.Combine(_folder.Root, "bomb.csv.gz");
        await using (var gzip = new GZipStream(File.Create(path), CompressionLevel.SmallestSize))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Header + Row));
            var zeros = new byte[1 << 20];
            Array.Fill(zeros, (byte)'\n');
            for (var i = 0; i < 512; i++)
            {
                gzip.Write(zeros);
            }
        }

        var refused = Assert.IsType<Refused>(await new UsageImporter().ImportAsync(path, "bomb.csv.gz", _folder.Parquet, null, TestContext.Current.CancellationToken));
        Assert.Equal("file_too_large", refused.Code);
        Assert.Equal(["bomb.csv.gz"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));

        refused = Assert.IsType<Refused>(await new UsageImporter(new ImportLimits { InflatedBytes = 1 << 20, InflationRatio = 5000 })
            .ImportAsync(path, "bomb.csv.gz", _folder.Parquet, null, TestContext.Current.CancellationToken));
        Assert.Equal("file_too_large", refused.Code);
    }

    [Fact]
    public async Task A_limit_that_the_last_rows_meet_is_an_answer()
    {
        var refused = Assert.IsType<Refused>(await _folder.ImportAsync("x.csv", Header + Row, new ImportLimits { Duration = TimeSpan.Zero }));

        Assert.Equal("import_too_slow", refused.Code);
        Assert.Equal(["x.csv"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_cancelled_import_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var path = _folder.Write("x.csv", Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Repeat(Row, 200_000))));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new UsageImporter().ImportAsync(path, "x.csv", _folder.Parquet, new StopAtOnce(stop), stop.Token));
        Assert.Equal(["x.csv"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parquet_is_read_as_a_table(bool isGzip)
    {
        var path = Path.Combine(_folder.Root, "in.parquet");
        using (var connection = new DuckDBConnection("Data Source=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"COPY (SELECT TIMESTAMP '2025-03-01 10:00:00' + INTERVAL (i) SECOND AS created_at, 'gpt-4o' AS \"mo\"\"del\", 'gpt-4o' AS model, i::DOUBLE AS prompt_tokens, CASE WHEN i = 3 THEN NULL ELSE 1 END AS completion_tokens FROM range(1, 6) r(i)) TO '{path}' (FORMAT parquet)";
            command.ExecuteNonQuery();
        }

        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var outcome = Assert.IsType<Imported>(await _folder.ImportAsync("usage", isGzip ? ImportFolder.Gzip(bytes) : bytes));

        Assert.Equal(("plain", 5L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal(["15|4|2025-03-01 10:00:05"], _folder.Query("SELECT concat_ws('|', sum(input_uncached), sum(output), max(\"at\")) FROM t"));
    }

    [Fact]
    public void Any_text_survives_CSV_and_kept_and_refused_rows_add_up()
    {
        var cell = Gen.Char["ab,\"\n\r é;|\t"].Array[0, 12].Select(c => new string(c));
        var token = Gen.OneOf(Gen.Int[0, 100_000].Select(i => i.ToString(CultureInfo.InvariantCulture)), Gen.OneOf(Gen.Const("n/a"), Gen.Const("-1"), Gen.Const("1.5"), Gen.Const("")));
        Gen.Select(cell, token).Array[1, 40].Sample(rows =>
        {
            using var folder = new ImportFolder();
            var csv = "request_id,input_tokens,output_tokens\n" + string.Concat(rows.Select(r => $"\"{r.Item1.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{r.Item2},1\n"));
            var path = folder.Write("x.csv", Encoding.UTF8.GetBytes(csv));
            var outcome = new UsageImporter().ImportAsync(path, "x.csv", folder.Parquet, null, CancellationToken.None).GetAwaiter().GetResult();
            var kept = rows.Where(r => r.Item2.Length == 0 || r.Item2.All(char.IsAsciiDigit)).ToList();
            if (outcome is Imported imported)
            {
                Assert.Equal((kept.Count, rows.Length - kept.Count), (imported.Rows, imported.Refused.Count));
                Assert.Equal(kept.Select(r => r.Item1.Trim(' ') is { Length: > 0 } text ? text : "-"), folder.Rows("request_id"));
                Assert.Equal([kept.Sum(r => r.Item2.Length == 0 ? 0 : long.Parse(r.Item2, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)], folder.Query("SELECT sum(input_uncached)::VARCHAR FROM t"));
            }
            else
            {
                Assert.Empty(kept);
            }
        }, iter: 60, threads: 1);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class StopAtOnce(CancellationTokenSource stop) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => stop.Cancel();
    }
}
