using System.Globalization;

namespace Throughline.Analysis.Prices;

/// <summary>One line of the price table; no field holds a comma, so none is quoted.</summary>
internal static class PriceCsv
{
    // provider,model,aliases,from,to,input,cached_input,cache_write_5m,cache_write_1h,output,batch_input,batch_output,source,source_date
    private const int Columns = 14;

    public static PriceRow ParseRow(string line)
    {
        var cells = line.Split(',');
        if (cells.Length != Columns)
        {
            throw new FormatException($"A price row has {cells.Length} cells instead of {Columns}: {line}");
        }

        return new PriceRow(
            Model: cells[1], Provider: cells[0], Aliases: cells[2].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            From: Day(cells[3]), To: cells[4].Length == 0 ? null : Day(cells[4]),
            Input: Dollars(cells[5]), CachedInput: OptionalDollars(cells[6]), CacheWrite5m: OptionalDollars(cells[7]),
            CacheWrite1h: OptionalDollars(cells[8]), Output: Dollars(cells[9]), BatchInput: OptionalDollars(cells[10]),
            BatchOutput: OptionalDollars(cells[11]), Source: cells[12], SourceDate: Day(cells[13]));
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static decimal Dollars(string text) => decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static decimal? OptionalDollars(string text) => text.Length == 0 ? null : Dollars(text);
}
