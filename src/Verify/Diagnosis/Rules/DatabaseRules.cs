using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>The database: held by another, read-only, damaged, gone, or failing by the service's own word.</summary>
internal sealed class DatabaseRules : IRule
{
    public const long Little = 4 << 20;

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
            else if (!isWell && ProcessRules.SaidItLacksDescriptors(@case, look.Service) is not null)
                continue; // it can open nothing, and the file is well
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
