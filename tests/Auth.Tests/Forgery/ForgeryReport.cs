using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>What was sent and what came back; for the assertions and for whoever reads the test's output.</summary>
internal sealed class ForgeryReport(string title)
{
    private const int MaxShown = 30;

    private readonly ConcurrentDictionary<string, int> _sent = new();
    private readonly ConcurrentDictionary<long, int> _forgeriesBySecond = new();
    private readonly ConcurrentDictionary<long, bool> _secondsWithControl = new();
    private int _controls;
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private readonly ConcurrentQueue<double> _withoutToken = new();
    private readonly ConcurrentQueue<double> _withoutWork = new();
    private readonly long _began = TimeProvider.System.GetTimestamp();

    public IEnumerable<string> Kinds => _sent.Keys;

    public int Sent => _sent.Values.Sum();

    public int Controls => Volatile.Read(ref _controls);

    public void Refused(ForgeryKind kind)
    {
        _sent.AddOrUpdate(kind.ToString(), 1, (_, count) => count + 1);
        _forgeriesBySecond.AddOrUpdate(Second, 1, (_, count) => count + 1);
    }

    public void Took(TimeSpan elapsed) => _milliseconds.Enqueue(elapsed.TotalMilliseconds);

    /// <summary>The same request with no token to look at.</summary>
    public void TookWithoutToken(TimeSpan elapsed) => _withoutToken.Enqueue(elapsed.TotalMilliseconds);

    /// <summary>A request that asks only whether the process lives: the way there and back on this machine at this hour.</summary>
    public void TookWithoutWork(TimeSpan elapsed) => _withoutWork.Enqueue(elapsed.TotalMilliseconds);

    /// <summary>When a control is sent, or the forgery that it follows, to be told when it was accepted.</summary>
    public static long Second => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <param name="since">The <see cref="Second"/> in which it was sent: it stands for all those that it took.</param>
    public void ControlAccepted(long since)
    {
        Interlocked.Increment(ref _controls);
        for (var second = since; second <= Second; second++) _secondsWithControl[second] = true;
    }

    /// <summary>Something that must not be: a forgery accepted, a control refused, an answer unlike the others.</summary>
    public void Wrong(string what, string token) => _wrong.Enqueue($"{what}: {(token.Length > 2_000 ? token[..2_000] + "…" : token)}");

    /// <summary>Nothing was wrong, every kind was sent, and in each second with a forgery a good token was accepted.</summary>
    public void AssertGood(IReadOnlyList<ForgeryKind> expected)
    {
        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} of {Sent}, seed {SuiteSize.Seed}:\n{string.Join('\n', _wrong.DistinctBy(wrong => wrong.Split(':')[0]).Take(MaxShown))}"); // one of each kind
        Assert.Empty(expected.Select(k => k.ToString()).Except(Kinds));
        var alone = _forgeriesBySecond.Keys.Except(_secondsWithControl.Keys).ToList();
        Assert.True(alone.Count == 0, $"In {alone.Count} seconds of {_forgeriesBySecond.Count} no control was accepted.");
    }

    /// <summary>As a table: rows of the attack list with their kinds and counts.</summary>
    public void Print(string timing)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_began).TotalSeconds;
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"{title}: {Sent:N0} forgeries of {_sent.Count} kinds, 0 accepted; {Controls:N0} controls, all accepted; {elapsed:0.0} s; seed {SuiteSize.Seed}\n"));
        if (!_milliseconds.IsEmpty)
            text.Append(CultureInfo.InvariantCulture, $"{timing}: {Describe(_milliseconds)} (goal for p99: 2 ms)\n");
        if (!_withoutToken.IsEmpty) text.Append(CultureInfo.InvariantCulture, $"  Without a token: {Describe(_withoutToken)}\n");
        if (!_withoutWork.IsEmpty) text.Append(CultureInfo.InvariantCulture, $"  With nothing to do: {Describe(_withoutWork)}\n");
        foreach (var (kind, count) in _sent.OrderBy(s => s.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"  {count,8:N0} × {kind}\n");
        TestContext.Current.TestOutputHelper!.WriteLine(text.ToString());
    }

    private static string Describe(ConcurrentQueue<double> milliseconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Statistics.Percentile(milliseconds, 50):0.000} ms, p99 {Statistics.Percentile(milliseconds, 99):0.000} ms, over {milliseconds.Count:N0}");
}
