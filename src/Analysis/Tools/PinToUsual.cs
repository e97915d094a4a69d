using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Tools;

/// <summary>A feature that ran on another model for some hours, priced on the model it usually runs on.</summary>
internal static class PinToUsual
{
    /// <summary>The usual model's list price, where there is one.</summary>
    public static PriceRow? PriceOf(Work work, UnusualCause cause) =>
        cause.UsualModel is { } usual && work.Prices.Resolve(usual) is { } model ? work.Prices.Find(model, work.Scope.PricedOn) : null;

    public static async Task<Saving?> FindAsync(Work work, CancellationToken cancellationToken)
    {
        var daily = await DailySpend.ReadAsync(work, cancellationToken);
        if (daily.Unusual is not { } unusual || await UnusualCause.FindAsync(work, unusual, cancellationToken) is not { Feature: { } feature } cause
            || PriceOf(work, cause) is not { } price) return null;
        var saved = cause.Totals.Cost - Rates.Of(price, batch: false).Cost(cause.Totals);
        return saved <= 0 ? null : new Saving("pin", feature, work.NameOf(cause.Model), saved, cause.Rows, cause.Totals.Rows, cause.Totals)
        {
            Prices = [.. Pricing.PricesOf(price)],
            Entities = [.. new[] { feature, cause.UsualModel!, work.NameOf(cause.Model) }.OfType<string>()],
            Other = cause.UsualModel,
        };
    }
}
