using Throughline.Analysis.Import.Sources;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>Looks at the first bytes and says how the file is laid out, or why it cannot be read.</summary>
internal static class ShapeDetection
{
    private const int HeadBytes = 256 << 10;

    public static IShape Detect(string path, string fileName, string folder, ImportLimits limits)
    {
        byte[] head;
        using (var file = SourceFile.Open(path, limits))
        {
            head = new byte[HeadBytes];
            head = head[..file.Text.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
        }

        if (head is [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..])
        {
            return ParquetShape.Detect(path, folder, limits);
        }

        RefuseBinary(head, fileName);
        var start = head.AsSpan().TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
        {
            throw new ImportRefusedException("empty_file", "It is empty. Export it again with a header and rows.");
        }

        return start[0] is (byte)'{' or (byte)'['
            ? JsonShape.Detect(() => SourceFile.Open(path, limits).Text, limits)
            : TableShape.Detect(head, limits) ?? throw new ImportRefusedException("no_usable_columns", Wording.NoUsableColumns([]));
    }

    private static void RefuseBinary(byte[] head, string fileName)
    {
        var isSheet = fileName.EndsWith(".xlsx", StringComparison.OrdinalIgnoreCase) || fileName.EndsWith(".ods", StringComparison.OrdinalIgnoreCase);
        var answer = head switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] when isSheet => Wording.Reads + " Save the sheet as CSV and drop it again.",
            [(byte)'P', (byte)'K', 3, 4, ..] => Wording.WrongKind("a zip archive or an office document", "Unpack it, or save the sheet as CSV, and drop it again."),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Wording.WrongKind("an old office document", "Save the sheet as CSV and drop it again."),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Wording.WrongKind("compressed with Zstandard", "Compress it with gzip and drop it again."),
            [(byte)'B', (byte)'Z', (byte)'h', ..] => Wording.WrongKind("compressed with bzip2", "Compress it with gzip and drop it again."),
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => Wording.WrongKind("compressed with xz", "Compress it with gzip and drop it again."),
            [0x1F, 0x8B, ..] => Wording.WrongKind("compressed twice", "Unpack it once and drop it again."),
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => Wording.WrongKind("a PDF", "Export the data itself, as CSV."),
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => Wording.WrongKind("an image", "Export the data itself, as CSV."),
            _ when head.AsSpan().Contains((byte)0) => Wording.WrongKind("not text", "Export the data as CSV or JSONL in UTF-8."),
            _ => null,
        };
        if (answer is not null)
        {
            throw new ImportRefusedException("unsupported_format", answer);
        }
    }
}
