using System.Globalization;

namespace Throughline.Testing.Telemetry;

/// <summary>One look at a service's <c>/metrics</c>.</summary>
public sealed class Metrics
{
    private readonly Dictionary<string, double> _values = [];

    /// <summary>Reads Prometheus' text: <c>name{label="value",…} 1.5</c>, comments aside.</summary>
    public Metrics(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var end = line.IndexOf("} ", StringComparison.Ordinal) is >= 0 and var brace ? brace + 1 : line.IndexOf(' ', StringComparison.Ordinal);
            var value = line[(end + 1)..].Split(' ')[0];
            _values[line[..end]] = double.Parse(value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
    }

    public static async Task<Metrics> ReadAsync(string url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return new Metrics(await http.GetStringAsync(url, cancellationToken));
    }

    /// <summary>The sum over all series of that name that have these labels; 0 where there is none.</summary>
    public double this[string name, params ReadOnlySpan<(string Label, string Value)> labels]
    {
        get
        {
            var wanted = new List<string>();
            foreach (var (label, value) in labels) wanted.Add($"{label}=\"{value}\"");
            return _values
                .Where(v => v.Key == name || (v.Key.StartsWith(name + "{", StringComparison.Ordinal) && wanted.TrueForAll(w => v.Key.Contains(w, StringComparison.Ordinal))))
                .Sum(v => v.Value);
        }
    }
}
