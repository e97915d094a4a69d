using System.Text.Json;

namespace Throughline.Verify.Checks.Recovery;

/// <summary>Follows one breaker through its endpoint, and keeps each state with the time at which it was first seen.</summary>
/// <remarks>Looks overlap: counting a look against its user's limit needs the store, too, so a look may itself be the one call that tries while half-open.</remarks>
internal sealed class BreakerWatch(SystemUnderTest system, Member member, string dependency)
{
    /// <summary>What a refutation says whose breaker went no further.</summary>
    public const string NeverHalfOpen = " was never seen half_open; seen: closed → open";

    private const int AtOnce = 4;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(80);
    private readonly Lock _gate = new();
    private readonly List<(string State, DateTimeOffset At, long Failures)> _seen = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why nothing can be seen; null while something can.</summary>
    public string? Blind { get; private set; }

    public IReadOnlyList<(string State, DateTimeOffset At, long Failures)> Seen
    {
        get
        {
            lock (_gate) return [.. _seen];
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, system.Time);
        List<Task> looks = [];
        try
        {
            do
            {
                var done = looks.FindAll(look => look.IsCompleted);
                await Task.WhenAll(done);
                looks.RemoveAll(done.Contains);
                if (looks.Count < AtOnce) looks.Add(LookAsync(cancellationToken));
            }
            while (Blind is null && await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // All was seen.
        }

        await Task.WhenAll(looks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The first time after <paramref name="since"/> at which the state was seen.</summary>
    public async Task<(DateTimeOffset At, long Failures)> UntilAsync(string state, DateTimeOffset since, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _next.Task;
                foreach (var (name, at, failures) in _seen)
                    if (name == state && at >= since) return (at, failures);
                if (Blind is { } reason) throw new Refutation(reason);
            }

            try
            {
                await next.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                var states = string.Join(" → ", Seen.Select(s => s.State));
                Probe.Current?.Add(new Comparison(system.Time.GetUtcNow(), $"the states of the breaker '{dependency}'", state, states));
                throw new TimeoutException($"the breaker '{dependency}' was never seen {state}; seen: {states}");
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var answer = await system.Web.GetAsync(new Uri(system.Backend, "/api/breakers"), await member.GetAsync(cancellationToken), cancellationToken);
        if (answer.Status == 429) return;
        var breaker = answer.Status == 200 ? answer.Json.Items().FirstOrDefault(b => b.FindText("dependency") == dependency) : default;
        lock (_gate)
        {
            if (breaker.ValueKind != JsonValueKind.Object) Blind = answer.Status == 200 ? $"/api/breakers has no breaker '{dependency}'" : $"/api/breakers answered {answer.Status}";
            else if (_seen is [] || _seen[^1].State != breaker.Text("state")) _seen.Add((breaker.Text("state"), system.Time.GetUtcNow(), breaker.Number("failures")));
            else _seen[^1] = (_seen[^1].State, _seen[^1].At, Math.Max(_seen[^1].Failures, breaker.Number("failures")));
            _next.TrySetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
