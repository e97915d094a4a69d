using System.Globalization;

namespace Throughline.Verify;

/// <summary>One assertion while it runs: collects what is seen, and the value that is measured.</summary>
internal sealed class Probe(Assertion assertion, TimeProvider time, double slack)
{
    /// <summary>Enough to see how it came about; a flood of equal exchanges tells nothing more.</summary>
    private const int Kept = 24;

    private static readonly AsyncLocal<Probe?> Running = new();
    private readonly Lock _gate = new();
    private readonly List<EvidenceItem> _evidence = [];
    private readonly HashSet<string> _loggedAs = [];
    private int _claims;

    /// <summary>The assertion on whose behalf this code runs; exchanges are noted there by themselves.</summary>
    internal static Probe? Current
    {
        get => Running.Value;
        set => Running.Value = value;
    }

    public Assertion Assertion => assertion;

    public Measurement? Measurement { get; private set; }

    /// <summary>While it is set, what is seen belongs to the control.</summary>
    public bool IsControl { get; set; }

    /// <summary>Whether anything was looked at: an assertion that cannot fail is a bug.</summary>
    public bool HasShown => _claims > 0 || Evidence.Count > 0;

    public DateTimeOffset Now => time.GetUtcNow();

    public IReadOnlyList<EvidenceItem> Evidence
    {
        get
        {
            lock (_gate) return [.. _evidence];
        }
    }

    /// <summary>Ids under which services may have logged what went wrong: traces of requests that failed there, frames, runs.</summary>
    public IReadOnlyList<string> LoggedAs
    {
        get
        {
            lock (_gate) return [.. _loggedAs];
        }
    }

    public void IsLoggedAs(string? id)
    {
        lock (_gate)
            if (id is not null && _loggedAs.Count < Kept) _loggedAs.Add(id);
    }

    public void Add(EvidenceItem item)
    {
        lock (_gate)
        {
            if (_evidence.Count == Kept)
            {
                // The first ones tell how it began, the last ones how it ended.
                _evidence.RemoveAt(Kept / 2);
            }

            _evidence.Add(IsControl ? item with { IsControl = true } : item);
        }
    }

    /// <exception cref="Refutation">It does not.</exception>
    public void That(bool holds, string otherwise)
    {
        _claims++;
        if (!holds) throw new Refutation(otherwise);
    }

    /// <exception cref="Refutation">They differ.</exception>
    public void Equal<T>(string what, T expected, T actual)
    {
        _claims++;
        if (EqualityComparer<T>.Default.Equals(expected, actual)) return;
        var (wanted, got) = (Text(expected), Text(actual));
        Add(new Comparison(Now, what, wanted, got));
        throw new Refutation($"{what} is {got} instead of {wanted}");
    }

    /// <summary>Notes the value against a limit of its own; without this the time that the assertion took is measured against its limit.</summary>
    /// <exception cref="Refutation">It is beyond the limit.</exception>
    public void Measure(double value, double limit, string unit, int samples = 1)
    {
        _claims++;
        if (unit == "ms") limit *= slack;
        Measurement = new Measurement(Math.Round(value, 2), limit, unit, samples);
        if (value > limit)
            throw new Refutation(string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {unit}{(samples > 1 ? $" (p95 of {samples})" : "")} is over the limit of {limit:0.#} {unit}"));
    }

    /// <summary>The 95th percentile of the samples against the assertion's limit.</summary>
    public void MeasureP95(IReadOnlyList<double> samplesMs)
    {
        That(samplesMs.Count > 0, "nothing was measured");
        var sorted = samplesMs.Order().ToArray();
        Measure(sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1], assertion.LimitMs!.Value, "ms", sorted.Length);
    }

    /// <summary>Whether so many samples are beyond the limit already that the 95th percentile of <paramref name="count"/> cannot be within it.</summary>
    public bool IsP95Lost(IReadOnlyList<double> samplesMs, int count) =>
        samplesMs.Count(sample => sample > assertion.LimitMs!.Value * slack) > count - (int)Math.Ceiling(0.95 * count);

    public async Task<T> ControlAsync<T>(Func<Task<T>> control)
    {
        IsControl = true;
        try
        {
            return await control();
        }
        finally
        {
            IsControl = false;
        }
    }

    internal void MeasureElapsed(TimeSpan elapsed)
    {
        if (Measurement is null && assertion.LimitMs is { } limit) Measure(elapsed.TotalMilliseconds, limit, "ms");
    }

    private static string Text<T>(T value) => value switch
    {
        null => "nothing",
        string text => text.Length <= 300 ? text : text[..300] + "…",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable many => string.Join(", ", many.Cast<object?>()),
        _ => value.ToString() ?? "nothing",
    };
}

/// <summary>An assertion does not hold; the message says in what.</summary>
internal sealed class Refutation(string reason) : Exception(reason);

/// <summary>What the assertion needs turned out not to be there; it cannot be judged.</summary>
internal sealed class NotJudged(string reason) : Exception(reason);

/// <summary>The sequence cannot go on without the assertion that failed.</summary>
internal sealed class SequenceStopped(string assertion) : Exception($"{assertion} failed")
{
    public string Assertion { get; } = assertion;
}
