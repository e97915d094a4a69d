namespace Throughline.Analysis.Tools;

/// <summary>An imported file, wherever its rows are.</summary>
/// <param name="Sha256">Of the uploaded bytes, lower-case hex.</param>
public record UsageSource(Guid FileId, string FileName, string Sha256);

/// <summary>An imported file that an analysis reads.</summary>
/// <param name="ParquetPath">Its rows, in the columns of <see cref="Import.UsageSchema"/>.</param>
public sealed record UsageDataset(Guid FileId, string FileName, string Sha256, string ParquetPath) : UsageSource(FileId, FileName, Sha256);
