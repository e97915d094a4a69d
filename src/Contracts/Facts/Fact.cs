namespace Throughline.Contracts.Facts;

/// <summary>One figure and everything it rests on: <c>GET /api/facts/{id}</c>.</summary>
/// <param name="Id">UUIDv7, derived from the run and the key, so a resumed run prints the same.</param>
/// <param name="Key">The name templates use, e.g. <c>spend.total</c> or <c>spend.by-model.gpt-4o</c>.</param>
/// <param name="Value">Exact decimal, invariant culture.</param>
/// <param name="Unit"><c>usd</c>, <c>tokens</c>, <c>requests</c>, <c>percent</c>, <c>ms</c>, <c>times</c>, <c>days</c> …</param>
/// <param name="Text">As printed, e.g. <c>$47.61</c>.</param>
/// <param name="Subject">What it is the figure of, in words.</param>
/// <param name="Precision">Decimal places printed.</param>
/// <param name="Formula">How it was computed, in words, with operands as <c>{{f:key}}</c>.</param>
/// <param name="Operands">The facts the formula refers to.</param>
/// <param name="Prices">The price rows that were applied.</param>
/// <param name="Input">The rows it came from; absent for a figure derived from others alone.</param>
/// <param name="Recomputes">Whether computing it again now gives the printed value; absent where it was not asked.</param>
public sealed record Fact(
    Guid Id, string Key, string Value, string Unit, string Text, string Subject, FactPeriod? Period, int Precision,
    string Formula, IReadOnlyList<FactOperand> Operands, FactProducer Producer, IReadOnlyList<FactPrice> Prices,
    FactInput? Input, string? PriceTableVersion, string? ThreadId = null, string? RunId = null, bool? Recomputes = null);

/// <summary>First and last instant of the rows; both inclusive, in UTC.</summary>
public sealed record FactPeriod(DateTimeOffset From, DateTimeOffset To);

public sealed record FactOperand(Guid FactId, string Key, string Text, string Subject);

/// <param name="Tool">The tool's name, e.g. <c>spend_by_model</c>.</param>
/// <param name="Version">Rises when the tool's arithmetic changes.</param>
/// <param name="Arguments">The tool's arguments as JSON text.</param>
/// <param name="ArgumentsHash">SHA-256 of tool, version, arguments and file hashes, lower-case hex.</param>
/// <param name="Query">The query in words.</param>
public sealed record FactProducer(string Tool, int Version, string Arguments, string ArgumentsHash, string Query, string? ToolCallId);

/// <summary>A row of the price table, US dollars per million tokens.</summary>
/// <param name="Kind"><c>input</c>, <c>cached input</c>, <c>cache write</c>, <c>output</c> …</param>
public sealed record FactPrice(string Model, string Kind, string UsdPerMillion, DateOnly From, string Source, DateOnly SourceDate);

/// <param name="Predicate">Which rows of the file, in words or as <c>column = value</c>.</param>
/// <param name="RowCount">How many rows matched.</param>
/// <param name="First">The first three of them: column → value, as read.</param>
public sealed record FactInput(
    Guid FileId, string FileName, string FileSha256, string Predicate, long RowCount, IReadOnlyList<IReadOnlyDictionary<string, string>> First);

/// <summary>A figure of an answer with its source, as <c>RUN_FINISHED.result.figures</c> lists it.</summary>
public sealed record Figure(string Text, string Value, string Unit, Guid FactId, string? ToolCallId);
