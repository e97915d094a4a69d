namespace Throughline.Analysis.Tools;

/// <summary>An imported file that an analysis reads.</summary>
/// <param name="Sha256">Of the uploaded bytes, lower-case hex.</param>
/// <param name="ParquetPath">Its rows, in the columns of <see cref="Import.UsageSchema"/>.</param>
public sealed record UsageDataset(Guid FileId, string FileName, string Sha256, string ParquetPath);
