namespace Throughline.ServiceDefaults;

/// <summary>What one node has admitted of one subject under one policy: the script's arithmetic, in memory.</summary>
internal abstract class LocalCount
{
    public abstract LimitStanding Look(LimitCharge charge, string name, TimeSpan now);

    /// <returns>Whether anything was charged: a name that is known costs nothing.</returns>
    public abstract bool Take(LimitCharge charge, string name, TimeSpan now);

    public abstract void Undo(LimitCharge charge, string name);

    /// <summary>The store has charged it by now. Its clock was read after ours, so ours is set to be the later one: what this node admits again, the store does too.</summary>
    public virtual void Confirm(LimitPolicy policy, string name, TimeSpan now)
    {
    }

    /// <summary>Puts the true amount in the place of a reservation.</summary>
    public virtual void Settle(LimitCharge charge, string name, TimeSpan now) => throw new InvalidOperationException($"{charge.Policy.Name} is not reserved.");

    /// <summary>The store has refused it until then: it need not be asked again before.</summary>
    public virtual void Block(LimitCharge charge, TimeSpan until)
    {
    }

    public abstract bool IsEmpty(LimitPolicy policy, TimeSpan now);

    public static LocalCount For(LimitKind kind) => kind switch
    {
        LimitKind.Log => new LocalLog(),
        LimitKind.Flow or LimitKind.Reserved => new LocalFlow(),
    };

    /// <summary>Up, and never zero: a standing with a wait is one that is violated.</summary>
    protected static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(milliseconds)));
}

internal sealed class LocalLog : LocalCount
{
    private readonly List<(TimeSpan At, string Name)> _charges = [];

    public override LimitStanding Look(LimitCharge charge, string name, TimeSpan now)
    {
        var policy = charge.Policy;
        Forget(policy, now);
        var amount = _charges.Exists(c => c.Name == name) ? 0 : charge.Amount;
        var more = _charges.Count == 0 ? TimeSpan.Zero : _charges[(int)Math.Max(0, _charges.Count - policy.Quota)].At + policy.Window - now;
        return new(policy, _charges.Count, amount > 0 && _charges.Count + amount > policy.Quota ? Milliseconds(more.TotalMilliseconds) : TimeSpan.Zero, more);
    }

    public override bool Take(LimitCharge charge, string name, TimeSpan now)
    {
        if (_charges.Exists(c => c.Name == name)) return false;
        _charges.Add((now, name));
        return true;
    }

    public override void Undo(LimitCharge charge, string name) => _charges.RemoveAll(c => c.Name == name);

    public override void Confirm(LimitPolicy policy, string name, TimeSpan now)
    {
        if (_charges.RemoveAll(c => c.Name == name) > 0) _charges.Add((now, name));
    }

    public override bool IsEmpty(LimitPolicy policy, TimeSpan now)
    {
        Forget(policy, now);
        return _charges.Count == 0;
    }

    private void Forget(LimitPolicy policy, TimeSpan now) => _charges.RemoveAll(c => c.At <= now - policy.Window);
}

internal sealed class LocalFlow : LocalCount
{
    private const double Nothing = 0.000001;

    private Dictionary<string, (long Amount, TimeSpan Until)>? _holds;
    private double _level;
    private TimeSpan _at;
    private TimeSpan? _beganAt; // to run out, as yet unconfirmed
    private (long Amount, TimeSpan Until) _blocked;

    public override LimitStanding Look(LimitCharge charge, string name, TimeSpan now)
    {
        var policy = charge.Policy;
        Leak(policy, now);
        var others = _holds?.Where(h => h.Key != name).Select(h => h.Value).ToList() ?? [];
        var used = _level + others.Sum(h => h.Amount);
        var unit = policy.Window.TotalMilliseconds / policy.Quota;

        var over = used + charge.Amount - policy.Quota;
        var wait = charge.Amount > 0 && over > Nothing ? Less(over) : TimeSpan.Zero;
        if (charge.Amount > 0 && charge.Amount >= _blocked.Amount && _blocked.Until - now is var blocked && blocked > wait) wait = blocked;
        var units = Math.Ceiling(used - Nothing);
        return new(policy, (long)units, wait, units > 0 ? Less(used - Math.Min(units, policy.Quota) + 1) : TimeSpan.Zero);

        // Either enough of the level runs out, or what is held comes back first, at the latest when its time is over.
        TimeSpan Less(double amount)
        {
            amount -= Nothing;
            var released = others.Count == 0 ? 0 : (others.Max(h => h.Until) - now).TotalMilliseconds;
            var afterHolds = Math.Max(released, (amount - (used - _level)) * unit);
            return Milliseconds(amount <= _level ? Math.Min(afterHolds, amount * unit) : afterHolds);
        }
    }

    public override bool Take(LimitCharge charge, string name, TimeSpan now)
    {
        if (charge.Policy.Kind == LimitKind.Reserved) (_holds ??= [])[name] = (charge.Amount, now + charge.Hold);
        else
        {
            if (_level <= Nothing) _beganAt = now;
            _level += charge.Amount;
        }

        return true;
    }

    public override void Confirm(LimitPolicy policy, string name, TimeSpan now)
    {
        if (_beganAt is not { } began) return;
        // The store's began to run out later, at the latest now.
        _level += (now - began) / policy.Window * policy.Quota;
        _beganAt = null;
    }

    public override void Undo(LimitCharge charge, string name)
    {
        if (charge.Policy.Kind == LimitKind.Reserved) _holds?.Remove(name);
        else _level = Math.Max(0, _level - charge.Amount);
    }

    public override void Settle(LimitCharge charge, string name, TimeSpan now)
    {
        Leak(charge.Policy, now);
        _holds?.Remove(name);
        _level += charge.Amount;
    }

    public override void Block(LimitCharge charge, TimeSpan until) => _blocked = (charge.Amount, until);

    public override bool IsEmpty(LimitPolicy policy, TimeSpan now)
    {
        Leak(policy, now);
        return _level <= Nothing && _blocked.Until <= now && _holds is null or { Count: 0 };
    }

    private void Leak(LimitPolicy policy, TimeSpan now)
    {
        _level = Math.Max(0, _level - ((now - _at) / policy.Window * policy.Quota));
        _at = now;
        if (_holds is null) return;
        foreach (var (name, hold) in _holds)
            if (hold.Until <= now) _holds.Remove(name);
    }
}
