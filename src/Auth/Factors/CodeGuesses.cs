using System.Collections.Concurrent;

namespace Throughline.Auth.Factors;

/// <summary>
/// Makes guessing six digits hopeless: five codes at once, then a wait that doubles with each further one, up to six hours. Per account,
/// wherever the guesses come from, because whoever guesses knows the password already and may have many addresses.
/// </summary>
/// <remarks>Three of a million codes are right at any time, so a year of guessing finds one with 0.5 %. The owner, shut out meanwhile,
/// has recovery codes and passkeys, which are not counted here.</remarks>
internal sealed class CodeGuesses(TimeProvider time)
{
    private const int Free = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<Guid, Guesses> _guesses = new();

    /// <summary>Counts a guess before it is looked at: many at the same moment are no way around the limit.</summary>
    /// <returns>How long to wait; null where this guess may be made.</returns>
    public TimeSpan? TryCharge(Guid userId)
    {
        var guesses = _guesses.GetOrAdd(userId, _ => new());
        lock (guesses)
        {
            var now = time.GetUtcNow();
            if (now < guesses.NextAt) return guesses.NextAt - now;
            guesses.Count++;
            if (guesses.Count >= Free) guesses.NextAt = now + WaitAfter(guesses.Count - Free);
            return null;
        }
    }

    /// <summary>A right code: the count begins anew.</summary>
    public void Forget(Guid userId) => _guesses.TryRemove(userId, out _);

    private static TimeSpan WaitAfter(int further)
    {
        var wait = FirstWait * Math.Pow(2, Math.Min(further, 20));
        return wait < LongestWait ? wait : LongestWait;
    }

    private sealed class Guesses
    {
        public int Count { get; set; }

        public DateTimeOffset NextAt { get; set; }
    }
}
