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
            var explains = @case.At("store");
            var isWell = said.StartsWith("healthy", StringComparison.Ordinal);
            var latency = health.Item.LatencyMs?.GetValueOrDefault("store") ?? 0;
            if (explains.Count == 0) yield break;
            if (RefusalOf(store.Item) is var (fault, refused, remedy))
                yield return Of("store", fault, refused, remedy);
            else if (!isWell && said.Contains("refuses our password", StringComparison.Ordinal))
                yield return Of("store", FaultCodes.WrongPassword, $"{ProcessRules.Capital(service)} holds another password than the store.", Password(store.Item));
            else if (!isWell && store.Item is { Answers: true } && AddressIn(said) is { } address && address != store.Item.Address)
                yield return Of(service, FaultCodes.WrongStoreAddress, $"{ProcessRules.Capital(service)} looks for the key-value store at {address}, where none answers; the store is at {store.Item.Address}.", $"Remove Store:Address from settings/{service}.json and the environment, or set it to {store.Item.Address}; then restart {service}.");
            else if (store.Item is { Answers: true, ElapsedMs: > SlowMs } && @case.Unclaimed.Where(f => TimingRules.IsLate(f) && (explains.Contains(f.Id) || Case.LastExchange(f) is null)).Select(f => f.Id).ToList() is { Count: > 0 } late)
            {
                explains = late;
                yield return Of("store", FaultCodes.Slow, $"The key-value store at {store.Item.Address} takes {store.Item.ElapsedMs:0} ms to keep a key, asked by us, too.", $"Look at what holds it up: its machine, its disk, who else uses it{(store.Item.IsOperators ? " (redis-cli slowlog get)" : ": throughline logs store")}.");
            }
            else if ((!isWell || (latency > SlowMs && @case.Unclaimed.Any(f => explains.Contains(f.Id)))) && store.Item is { Answers: true }) // one slow answer is a busy machine's, too: it explains what nothing else does
                yield return Of(service, FaultCodes.StoreSlow, isWell
                        ? $"{ProcessRules.Capital(service)} waits {latency:0} ms for the key-value store, which answers us in {store.Item.ElapsedMs:0} ms: the way between them is slow."
                        : $"The way from {service} to the key-value store does not work ({Case.After(said)}), while the store answers us in {store.Item.ElapsedMs:0} ms.",
                    $"Look at what stands between {service} and the store: Store:Address in settings/{service}.json and the environment.");
            else if (!isWell && store.Item.Error is { } error && error.StartsWith('-'))
                yield return Of("store", FaultCodes.WrongPassword, $"The key-value store refuses: {error}", Password(store.Item));
            else if (!isWell && !IsProcessAtFault(@case))
                yield return Of("store", FaultCodes.Unreachable, $"The key-value store at {store.Item.Address} does not answer: {store.Item.Error}",
                    store.Item.IsOperators ? $"Start your Redis at {store.Item.Address} again, or look why it does not answer." : "Start it again, or look why it does not answer: throughline logs store");
            else continue;
            yield break;

            Cause Of(string component, string fault, string sentence, string fix) => Cause(
                component, fault, sentence, new Fix(fix), explains, store.Arrow($"the store, asked by us: {store.Item.Error ?? "OK"}", $"{service} says: {said}"), health.Arrow($"{service} says: {said}", "what needs the store fails"));
        }
    }

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

    /// <summary>Its process is not there, or is stopped: that is why it does not answer, and is told as such.</summary>
    private static bool IsProcessAtFault(Case @case) => @case.ServiceOf("store") is { Item: var look } && (!look.IsAlive || look.LaterPids.Count > 0 || look.States.Contains("T"));

    /// <remarks><c>The key-value store at 127.0.0.1:6380 does not answer: …</c></remarks>
    private static string? AddressIn(string said) => said.Split(" store at ", 2).ElementAtOrDefault(1)?.Split(' ')[0];
}

/// <summary>The database: held by another, read-only, damaged, gone, or failing by the service's own word.</summary>
internal sealed class DatabaseRules : IRule
{
    private const long Little = 4 << 20;

    public IEnumerable<Cause> Find(Case @case)
    {
        List<Cause> causes = [.. Each(@case)];
        // One server holds both: what it does to both is one cause, not two.
        return causes is [var one, var other] && one.Fault == other.Fault && (one.Fault is FaultCodes.DatabaseUnreachable or FaultCodes.DatabasePassword || !@case.Looks<DatabaseLook>().Any(look => look.Item.Exists))
            ? [one with { Component = "database", Explains = [.. one.Explains.Union(other.Explains)], Chain = [.. one.Chain, .. other.Chain] }]
            : causes;
    }

    /// <summary>What the service said of its database when something failed for it.</summary>
    private static Seen<HealthLook>? SaidBefore(Case @case, string service) =>
        Case.FirstOrNull(Case.Of<HealthLook>(@case.Failed).Where(h => h.Item.Service == service && h.Item.Dependencies.GetValueOrDefault("database")?.StartsWith("unhealthy", StringComparison.Ordinal) == true));

    private static IEnumerable<Cause> Each(Case @case)
    {
        foreach (var seen in @case.Looks<DatabaseLook>())
        {
            var look = seen.Item;
            var explains = @case.At(look.Service);
            if (explains.Count == 0) continue;
            var health = @case.HealthOf(look.Service);
            var said = health?.Item.Dependencies.GetValueOrDefault("database");
            var isWell = said?.StartsWith("healthy", StringComparison.Ordinal) ?? true;
            if (isWell && SaidBefore(@case, look.Service) is { } before) (health, said, isWell) = (before, before.Item.Dependencies["database"], false); // it comes and goes
            if (look.Deleted is { } deleted)
                yield return Of(FaultCodes.DatabaseMissing, $"{look.Path} was deleted, and {look.Service} goes on writing to what it had open: at its next start all of it is gone.", new Fix($"Do not stop {look.Service}. Copy {deleted} to {look.Path}, and what it holds of {look.Path}-wal beside it; then restart it. Or restore a backup."));
            else if (look is { HolderPid: { } pid, Holder: { } holder })
                yield return Of(FaultCodes.DatabaseLocked, $"The database of {look.Service} ({look.Path}) is held for writing by {holder}: {look.Service} cannot write.", Fix.By($"End {holder}: kill {pid}", "kill", $"{pid}"));
            else if (look is { Exists: true, IsDatabase: false })
                yield return Of(FaultCodes.DatabaseDamaged, $"{look.Path} is no database any more.", new Fix("Restore it from a backup."));
            else if (look is { Exists: true, CanBeWritten: false })
                yield return Of(FaultCodes.DatabaseReadOnly, $"The database of {look.Service} ({look.Path}) cannot be written.", new Fix($"Let the user who runs {look.Service} write {look.Path}."));
            else if (look.FreeBytes < Little)
                yield return Of(FaultCodes.DiskFull, $"The disk that holds {look.Path} has {look.FreeBytes / 1024} KiB left.", new Fix("Free some space."));
            else if (!isWell && said!.Contains("no such table", StringComparison.Ordinal))
                yield return Of(FaultCodes.DatabaseUnmigrated, $"The database of {look.Service} lacks a table: {Case.After(said)}", new Fix($"Restart {look.Service}, which brings its database up to date, or restore {look.Path} from a backup."));
            else if (!isWell && StartWords.Read(look.Service, Case.After(said!)) is { } known)
                yield return Of(known.Fault, Case.After(said!), known.Fix);
            else if (!isWell && !look.Exists && said!.Contains("No answer within", StringComparison.Ordinal))
                yield return Of(FaultCodes.DatabaseUnreachable, $"The database server of {look.Service} does not answer: {Case.After(said)}", new Fix("Look whether it runs, and what holds it up."));
            else if (!isWell)
                yield return Of(FaultCodes.DatabaseFails, $"The database of {look.Service} fails: {Case.After(said!)}", new Fix("Read the service's log, and look after the disk."));

            Cause Of(string fault, string sentence, Fix fix)
            {
                List<Arrow> chain = [seen.Arrow(sentence, $"{look.Service} cannot write or read")];
                if (health is { } h && !isWell) chain.Add(h.Arrow($"{look.Service} says: database {said}", "what needs it fails"));
                return Cause(look.Service, fault, sentence, fix, explains, chain);
            }
        }
    }
}
