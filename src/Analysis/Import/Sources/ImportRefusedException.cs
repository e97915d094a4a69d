namespace Throughline.Analysis.Import.Sources;

/// <summary>The file as a whole cannot be read; carries the answer up through streams that can only throw.</summary>
internal sealed class ImportRefusedException(string code, string detail) : Exception(detail)
{
    public string Code { get; } = code;
}
