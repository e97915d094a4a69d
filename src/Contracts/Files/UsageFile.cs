namespace Throughline.Contracts.Files;

/// <summary>An uploaded usage file after its import.</summary>
/// <param name="Sha256">Of the bytes that were uploaded, lower-case hex.</param>
/// <param name="Format">The importer that read it, e.g. <c>azure-llm-trace</c>.</param>
/// <param name="Rows">Requests that were read.</param>
/// <param name="Columns">Which source column was read as what.</param>
/// <param name="Refused">Rows that were not read, and why.</param>
public sealed record UsageFile(
    Guid Id, string Name, long SizeBytes, string Sha256, string Format, long Rows,
    IReadOnlyList<UsageColumn> Columns, RefusedRows Refused, DateTimeOffset CreatedAt);

/// <param name="Name">As the source spells it.</param>
/// <param name="Meaning">As Throughline reads it, e.g. <c>input tokens, cached ones included</c>; <c>not used</c> if ignored.</param>
public sealed record UsageColumn(string Name, string Meaning);

/// <param name="First">The first few, in file order.</param>
public sealed record RefusedRows(long Count, IReadOnlyList<RefusedRow> First);

/// <param name="Line">Line in the file, counted from 1; for JSON, the element's number.</param>
public sealed record RefusedRow(long Line, string Reason);
