using System.Globalization;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Limits;

/// <summary>A node's own count through random charges, settlements and waits, against whole numbers that stand for the same.</summary>
public sealed class CountingAnyCharges
{
    private const int Window = 60_000;
    private const int Hold = 7_000;

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency((3, Gen.Int[0, 3_000]), (1, Gen.Int[0, Window + 1])), Gen.Int[0, 9], Gen.Int[1, 6], Gen.Frequency((3, Gen.Const(false)), (1, Gen.Const(true))),
        (pause, name, amount, settles) => new Step(pause, name.ToString(CultureInfo.InvariantCulture), amount, settles));

    [Theory]
    [InlineData(LimitKind.Log)]
    [InlineData(LimitKind.Flow)]
    [InlineData(LimitKind.Reserved)]
    public void What_is_told_comes_true(LimitKind kind) => Gen.Select(Gen.Int[1, 13], Steps.Array[0, 25]).Sample((quota, steps) =>
    {
        var (node, written) = (new Node(kind, quota), new Written(kind, quota));
        foreach (var step in steps)
        {
            node.Wait(step.Pause);
            written.Wait(step.Pause);
            var amount = kind == LimitKind.Log ? 1 : Math.Min(step.Amount, quota);
            if (step.Settles && kind == LimitKind.Reserved)
            {
                node.Settle(step.Name, step.Amount);
                written.Settle(step.Name, step.Amount);
            }
            else
            {
                Assert.Equal(written.TryCharge(step.Name, amount), node.TryCharge(step.Name, amount).IsAllowed);
            }

            Assert.Equal(written.Used, node.Look().Used);
        }

        // What is reserved may be settled earlier: its times are the latest.
        var isExact = kind != LimitKind.Reserved;
        var refused = Enumerable.Range(0, quota + 1).Select(i => node.TryCharge($"more {i}", 1)).First(verdict => !verdict.IsAllowed);
        AssertComes(node, refused.RetryAfter, isExact, () => node.TryCharge("then", 1).IsAllowed);
        var used = node.Look();
        AssertComes(node, used.MoreAfter, isExact, () => node.Look().Remaining > used.Remaining);
    }, iter: SuiteSize.Of(2_000, 50_000), threads: 1);

    private static void AssertComes(Node node, TimeSpan told, bool isExact, Func<bool> itCame)
    {
        node.Wait(told.TotalMilliseconds - 1);
        if (isExact) Assert.False(itCame(), $"It came before the {told} that were told.");
        node.Wait(1);
        Assert.True(itCame(), $"It did not come after the {told} that were told.");
    }

    /// <param name="Pause">Milliseconds before it.</param>
    /// <param name="Settles">It settles what was reserved under the name, instead of charging.</param>
    private sealed record Step(int Pause, string Name, int Amount, bool Settles);

    private sealed class Node
    {
        private readonly FakeTimeProvider _time = new();
        private readonly LocalLimiter _limiter;
        private readonly LimitCharge _charge;

        public Node(LimitKind kind, int quota)
        {
            _limiter = new(_time, 100);
            _charge = new(new("test", quota, TimeSpan.FromMilliseconds(Window), kind), LimitSubject.Everyone) { Hold = TimeSpan.FromMilliseconds(Hold) };
        }

        public void Wait(double milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        public LimitVerdict TryCharge(string name, int amount) => _limiter.TryCharge([_charge with { Amount = amount }], name, out _);

        public void Settle(string name, int amount) => _limiter.Settle([_charge with { Amount = amount }], name);

        public LimitStanding Look() => TryCharge("", 0).Standings[0];
    }

    /// <summary>Milliseconds, and a level in parts of which a window's milliseconds make one, so that nothing is ever a fraction.</summary>
    private sealed class Written(LimitKind kind, int quota)
    {
        private readonly List<(string Name, long At)> _log = [];
        private readonly Dictionary<string, (int Amount, long Until)> _held = [];
        private long _now;
        private long _level;

        public long Used => _log.Count + ((_level + Window - 1) / Window) + _held.Values.Sum(h => h.Amount);

        public void Wait(int milliseconds)
        {
            _now += milliseconds;
            _level = Math.Max(0, _level - ((long)milliseconds * quota));
            _log.RemoveAll(charge => charge.At + Window <= _now);
            foreach (var (name, hold) in _held)
                if (hold.Until <= _now) _held.Remove(name);
        }

        public bool TryCharge(string name, int amount)
        {
            if (kind == LimitKind.Log && _log.Exists(charge => charge.Name == name)) return true;
            var held = _held.Where(h => h.Key != name).Sum(h => h.Value.Amount);
            if (((_log.Count + held + amount) * (long)Window) + _level > (long)quota * Window) return false;
            if (kind == LimitKind.Log) _log.Add((name, _now));
            else if (kind == LimitKind.Flow) _level += (long)amount * Window;
            else _held[name] = (amount, _now + Hold);
            return true;
        }

        public void Settle(string name, int amount)
        {
            _held.Remove(name);
            _level += (long)amount * Window;
        }
    }
}
