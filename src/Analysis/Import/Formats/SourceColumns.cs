using Throughline.Analysis.Import.Rows;
using Throughline.Contracts.Files;

namespace Throughline.Analysis.Import.Formats;

/// <summary>Remembers which source columns were met and as what they were read.</summary>
internal sealed class SourceColumns(UsageFormat format)
{
    private const int MostShown = 200;
    private readonly Dictionary<string, (UsageField Field, int Rank)?> _meanings = [];
    private readonly List<string> _order = [];

    /// <summary>Whether a message of this format comes in several lines of which the last counts.</summary>
    public bool RepeatsMessages { get; } = format.Fields.Values.Any(meaning => meaning.Field == UsageField.MessageId);

    public (UsageField Field, int Rank)? MeaningOf(string column)
    {
        if (_meanings.TryGetValue(column, out var known))
        {
            return known;
        }

        (UsageField, int)? meaning = format.TryMean(column, out var found) ? found : null;
        if (_meanings.Count < 10_000) // a hostile file may have a new name in every row
        {
            _meanings[column] = meaning;
        }

        if (_order.Count < MostShown || meaning is not null)
        {
            _order.Add(column);
        }

        return meaning;
    }

    public IReadOnlyList<UsageColumn> ToContract() =>
        [.. _order.Distinct().Select(name => new UsageColumn(name, format.TryMean(name, out var meaning)
            ? meaning.Field.Meaning(format.Counting)
            : "not used"))];
}
