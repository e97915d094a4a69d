using Throughline.Contracts.Files;

namespace Throughline.Analysis.Import;

/// <summary>How reading an uploaded file ended.</summary>
public abstract record ImportOutcome;

/// <summary>The file was read, whole or but for the refused rows; the Parquet file is in place.</summary>
/// <param name="Format">The importer that read it, e.g. <c>azure-llm-trace</c>.</param>
/// <param name="Rows">Rows in the Parquet file.</param>
/// <param name="Columns">Which source column was read as what.</param>
/// <param name="Refused">Rows that were not read, and why.</param>
public sealed record Imported(
    string Format, long Rows, IReadOnlyList<UsageColumn> Columns, RefusedRows Refused) : ImportOutcome;

/// <summary>Nothing was read; there is no Parquet file.</summary>
/// <param name="Code">Stable: <c>empty_file unsupported_format no_usable_columns no_usable_rows damaged_file file_too_large import_too_slow</c>.</param>
/// <param name="Title">What happened, naming the file.</param>
/// <param name="Detail">What was seen, what is needed, what to do.</param>
public sealed record Refused(string Code, string Title, string Detail) : ImportOutcome;

/// <param name="BytesRead">Of the uploaded file, compressed if it is.</param>
public sealed record ImportProgress(long BytesRead, long BytesTotal, long Rows, long RefusedRows);
