using Throughline.Analysis.Tools;
using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Facts;

/// <summary>A figure as a tool returns it, before a run gives it its id.</summary>
/// <param name="Value">Exact.</param>
/// <param name="Formula">How it was computed, in words, with operands as <c>{{f:key}}</c>.</param>
public sealed record FactDraft(string Key, decimal Value, string Unit, string Subject, string Formula)
{
    /// <summary>Keys of the facts that the formula refers to.</summary>
    public IReadOnlyList<string> Operands { get; init; } = [];

    /// <summary>The rows it came from; absent for a figure derived from others alone.</summary>
    public RowFilter? Rows { get; init; }

    public long RowCount { get; init; }

    public FactPeriod? Period { get; init; }

    public IReadOnlyList<FactPrice> Prices { get; init; } = [];

    /// <summary>Decimal places, where the unit's own rule is not meant.</summary>
    public int? Places { get; init; }

    /// <summary>Models, features and users that a sentence with this figure may name.</summary>
    public IReadOnlyList<string> Entities { get; init; } = [];

    /// <summary>Words of direction that this figure bears out: see <see cref="Sense"/>.</summary>
    public IReadOnlyList<string> Senses { get; init; } = [];
}

/// <summary>What a figure says about direction; the quality gate compares the words of the answer with it.</summary>
public static class Sense
{
    public const string Up = "up", Down = "down", Less = "less", Most = "most", Least = "least", Saves = "saves", Costs = "costs";
}

/// <summary>The units of figures.</summary>
public static class FactUnit
{
    public const string Usd = "usd", Tokens = "tokens", Requests = "requests", Percent = "percent", Milliseconds = "ms",
        Times = "times", Days = "days", Months = "months", Rows = "rows", UsdPerMillion = "usd_per_million", Models = "models", Rank = "rank",
        Changes = "changes";
}
