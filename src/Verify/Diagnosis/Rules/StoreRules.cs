using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>The key-value store: gone, slow, refusing, or looked for in the wrong place; told apart by asking it ourselves.</summary>
internal sealed class StoreRules : IRule
{
    private const double SlowMs = 250;

    public IEnumerable<Cause> Find(Case @case)
    {
        if (Case.FirstOrNull(@case.Looks<StoreLook>()) is not { } store) yield break;
        foreach (var service in (string[])["auth", "backend"])
        {
            if (@case.HealthOf(service) is not { } health || !health.Item.Dependencies.TryGetValue("store", out var said)) continue;
            if (@case.At("store") is not { Count: > 0 } failures) yield break;
            if (Tell(@case, store.Item, new(service, said, health.Item.LatencyMs?.GetValueOrDefault("store") ?? 0), failures) is not { } told) continue;
            yield return Cause(
                told.Component, told.Fault, told.Sentence, new Fix(told.Fix), told.Explains ?? failures,
                store.Arrow($"the store, asked by us: {store.Item.Error ?? "OK"}", $"{service} says: {said}"), health.Arrow($"{service} says: {said}", "what needs the store fails"));
            yield break;
        }
    }

    /// <param name="failures">What failed that needs the store.</param>
    private static Told? Tell(Case @case, StoreLook store, Word word, IReadOnlyList<string> failures)
    {
        var (service, said, latency) = word;
        if (RefusalOf(store) is var (fault, refused, remedy)) return new("store", fault, refused, remedy);
        if (!word.IsWell && said.Contains("refuses our password", StringComparison.Ordinal))
            return new("store", FaultCodes.WrongPassword, $"{ProcessRules.Capital(service)} holds another password than the store.", Password(store));
        if (!word.IsWell && store.Answers && AddressIn(said) is { } address && address != store.Address)
            return new(
                service, FaultCodes.WrongStoreAddress, $"{ProcessRules.Capital(service)} looks for the key-value store at {address}, where none answers; the store is at {store.Address}.",
                $"Remove Store:Address from settings/{service}.json and the environment, or set it to {store.Address}; then restart {service}.");
        if (store is { Answers: true, ElapsedMs: > SlowMs } && LateBecauseOf(@case, failures) is { Count: > 0 } late)
            return new(
                "store", FaultCodes.Slow, $"The key-value store at {store.Address} takes {store.ElapsedMs:0} ms to keep a key, asked by us, too.",
                $"Look at what holds it up: its machine, its disk, who else uses it{(store.IsOperators ? " (redis-cli slowlog get)" : ": throughline logs store")}.", late);
        if (store.Answers && !word.IsWell)
            return TheWay($"The way from {service} to the key-value store does not work ({Case.After(said)}), while the store answers us in {store.ElapsedMs:0} ms.");
        if (store.Answers && latency > SlowMs && @case.Unclaimed.Any(f => failures.Contains(f.Id))) // one slow answer is a busy machine's, too: it explains what nothing else does
            return TheWay($"{ProcessRules.Capital(service)} waits {latency:0} ms for the key-value store, which answers us in {store.ElapsedMs:0} ms: the way between them is slow.");
        if (!word.IsWell && store.Error is { } error && error.StartsWith('-'))
            return new("store", FaultCodes.WrongPassword, $"The key-value store refuses: {error}", Password(store));
        if (!word.IsWell && !IsProcessAtFault(@case) && (store.IsOperators || !IsDiskFull(@case)))
            return new(
                "store", FaultCodes.Unreachable, $"The key-value store at {store.Address} does not answer: {store.Error}",
                store.IsOperators ? $"Start your Redis at {store.Address} again, or look why it does not answer." : "Start it again, or look why it does not answer: throughline logs store");
        return null;

        Told TheWay(string sentence) => new(
            service, FaultCodes.StoreSlow, sentence, $"Look at what stands between {service} and the store: Store:Address in settings/{service}.json and the environment.");
    }

    /// <summary>What is late, and needs the store or was not asked of anybody.</summary>
    private static List<string> LateBecauseOf(Case @case, IReadOnlyList<string> failures) =>
        [.. @case.Unclaimed.Where(f => TimingRules.IsLate(f) && (failures.Contains(f.Id) || Case.LastExchange(f) is null)).Select(f => f.Id)];

    /// <summary>It answers, and keeps nothing. Its errors begin with a word: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors.</summary>
    private static (string Fault, string Sentence, string Fix)? RefusalOf(StoreLook store) => store.Error?.Split(' ')[0] switch
    {
        "-OOM" => (FaultCodes.StoreFull, $"The key-value store at {store.Address} is full: {store.Error}", "Give it more memory (maxmemory), or look what fills it."),
        "-READONLY" => (FaultCodes.StoreReadOnly, $"The key-value store at {store.Address} is a copy that takes no writes: {store.Error}", "Name its primary instead: throughline up --redis …"),
        "-NOPERM" => (FaultCodes.StoreForbids, $"The key-value store at {store.Address} forbids what is needed: {store.Error}", "Let its user run scripts, publish and subscribe, and use every key: ACL SETUSER <user> +@all allkeys allchannels"),
        "-MISCONF" => (FaultCodes.StoreReadOnly, $"The key-value store at {store.Address} takes no writes, for it cannot save to its disk: {store.Error}", "Look at its log and its disk."),
        _ => null,
    };

    private static string Password(StoreLook store) => store.IsOperators
        ? $"Start again with the password that your Redis at {store.Address} wants: THROUGHLINE_REDIS=redis://:password@{store.Address}"
        : "Restore secrets/store-password, and restart.";

    /// <summary>Our own store keeps its files in the state folder, as the databases are.</summary>
    private static bool IsDiskFull(Case @case) => @case.Looks<DatabaseLook>().Any(s => s.Item.FreeBytes < DatabaseRules.Little);

    /// <summary>Its process is not there, is stopped, or is not reached: that is why it does not answer, and is told as such.</summary>
    private static bool IsProcessAtFault(Case @case) => @case.ServiceOf("store") is { Item: var look } && (!look.IsAlive || look.LaterPids.Count > 0 || look.States.Contains("T") || look.Barred is not null);

    /// <remarks><c>The key-value store at 127.0.0.1:6380 does not answer: …</c></remarks>
    private static string? AddressIn(string said) => said.Split(" store at ", 2).ElementAtOrDefault(1)?.Split(' ')[0];

    /// <summary>What a service says of its way to the store.</summary>
    private sealed record Word(string Service, string Said, double LatencyMs)
    {
        public bool IsWell => Said.StartsWith("healthy", StringComparison.Ordinal);
    }

    /// <param name="Explains">Null: all that failed and needs the store.</param>
    private sealed record Told(string Component, string Fault, string Sentence, string Fix, IReadOnlyList<string>? Explains = null);
}
