using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Throughline.Contracts.Agents;

namespace Throughline.Web.Charts;

/// <summary>A point per day, with what is unusual ringed and a forecast dashed inside its band.</summary>
public sealed partial class LineChart
{
    private ChartScale _scale = new([]);
    private ChartActivity? _drawn;
    private string _past = "";
    private string? _ahead;
    private string? _band;
    private double _forecastTop;
    private IReadOnlyList<(int Index, ChartPoint Point)> _anomalies = [];
    private IReadOnlyList<int> _days = [];
    private int? _at;
    private string? _spoken;
    private bool _holdsArrows;

    [Parameter, EditorRequired] public ChartActivity Chart { get; set; } = default!;

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_drawn, Chart))
            return;
        _drawn = Chart;
        _scale = new ChartScale(Chart.Points);
        var all = Chart.Points.Select((point, index) => (Index: index, Point: point)).ToList();
        var past = all.Where(entry => entry.Point.Mark != "forecast").ToList();
        var ahead = all.Where(entry => entry.Point.Mark == "forecast").ToList();
        _past = Line(past);
        _anomalies = [.. past.Where(entry => entry.Point.Mark == "anomaly")];
        _days = DaysToName(all.Count);
        (_ahead, _band) = (null, null);
        if (ahead.Count == 0)
            return;
        // The forecast begins where the past ends, so that the line is one line.
        var joined = past.TakeLast(1).Concat(ahead).ToList();
        _ahead = Line(joined);
        _band = Band(joined);
        _forecastTop = ahead.Min(entry => _scale.Y(entry.Point.High ?? entry.Point.Value));
    }

    private string Line(IEnumerable<(int Index, ChartPoint Point)> entries) => Path(
        entries.Select(entry => (_scale.X(entry.Index), _scale.Y(entry.Point.Value))));

    private string Band(List<(int Index, ChartPoint Point)> entries) => Path(
        entries.Select(entry => (_scale.X(entry.Index), _scale.Y(entry.Point.High ?? entry.Point.Value)))
            .Concat(entries.AsEnumerable().Reverse().Select(entry => (_scale.X(entry.Index), _scale.Y(entry.Point.Low ?? entry.Point.Value))))) + "z";

    private static string Path(IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in points)
            path.Append(path.Length == 0 ? 'M' : 'L').Append(N(x)).Append(' ').Append(N(y));
        return path.ToString();
    }

    // About five names, always the first day and the last.
    private static List<int> DaysToName(int count)
    {
        if (count == 0)
            return [];
        var step = Math.Max(1, (int)Math.Ceiling(count / 5d));
        var days = Enumerable.Range(0, count).Where(index => index % step == 0 && count - 1 - index >= step * 0.6).ToList();
        if (days.Count == 0 || days[^1] != count - 1)
            days.Add(count - 1);
        return days;
    }

    // On the side where there is room.
    private string Beside(int index)
    {
        var x = _scale.X(index);
        return x > 50 ? $"right:calc({N(100 - x)}% + 10px);text-align:right" : $"left:calc({N(x)}% + 10px)";
    }

    private void Step(KeyboardEventArgs key)
    {
        int? to = key.Key switch
        {
            "ArrowRight" => Math.Min(Chart.Points.Count - 1, (_at ?? -1) + 1),
            "ArrowLeft" => Math.Max(0, (_at ?? Chart.Points.Count) - 1),
            "Home" => 0,
            "End" => Chart.Points.Count - 1,
            _ => null,
        };
        if (to is not { } at || Chart.Points.Count == 0)
            return;
        _holdsArrows = true;
        _at = at;
        var point = Chart.Points[at];
        _spoken = $"{DayOf(point.Label)}: {point.Text}{(point.Mark is { } mark ? ", " + (mark == "anomaly" ? "unusual" : mark) : "")}{(point.Note is { } note ? ". " + note : "")}";
    }

    private static string DayOf(string label) =>
        DateOnly.TryParseExact(label, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("d MMM", CultureInfo.InvariantCulture)
            : label;

    private string ShortDay(string label)
    {
        if (!DateOnly.TryParseExact(label, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return label;
        var isSameMonth = Chart.Points.Count > 0 && Chart.Points[0].Label.StartsWith(label[..7], StringComparison.Ordinal);
        return day.ToString(isSameMonth ? "%d" : "d MMM", CultureInfo.InvariantCulture);
    }

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
