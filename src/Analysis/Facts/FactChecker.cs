using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Facts;

/// <summary>Computes a stored fact again from the stored rows.</summary>
public static class FactChecker
{
    /// <returns>Whether it comes out the same to the last printed digit; null where the tool is not known any more.</returns>
    public static async Task<bool?> RecomputesAsync(Fact fact, ToolContext context, CancellationToken cancellationToken)
    {
        if (UsageTools.Find(fact.Producer.Tool) is not { } tool || tool.Version != fact.Producer.Version) return null;
        var again = await tool.RunAsync(context, fact.Producer.Arguments, cancellationToken);
        return Agrees(fact, again);
    }

    /// <summary>As <see cref="RecomputesAsync(Fact, ToolContext, CancellationToken)"/>, over files that are opened for it; also reads the first rows.</summary>
    public static async Task<Fact> CompleteAsync(
        Fact fact, IReadOnlyList<UsageDataset> files, PriceTable prices, AnalysisOptions options, CancellationToken cancellationToken)
    {
        if (UsageTools.Find(fact.Producer.Tool) is not { } tool || tool.Version != fact.Producer.Version) return fact;
        await using var session = await UsageSession.OpenAsync(files, options, cancellationToken);
        var again = await tool.RunAsync(new ToolContext(session, prices), fact.Producer.Arguments, cancellationToken);
        var completed = fact with { Recomputes = Agrees(fact, again) };
        if (completed.Input is { First.Count: 0 } input && again.Facts.FirstOrDefault(draft => draft.Key == fact.Key)?.Rows is { } rows)
            completed = completed with { Input = input with { First = await session.FirstRowsAsync(rows, 3, cancellationToken) } };
        return completed;
    }

    public static bool Agrees(Fact fact, ToolOutput again) =>
        again.Facts.FirstOrDefault(draft => draft.Key == fact.Key) is { } draft
        && draft.Unit == fact.Unit && FigureFormat.Print(draft.Value, draft.Unit, draft.Places) == fact.Text;
}
