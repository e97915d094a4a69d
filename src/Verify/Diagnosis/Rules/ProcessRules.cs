using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>A process that is not there, is stopped, has no room for another connection, or does not answer on its own port.</summary>
internal sealed class ProcessRules : IRule
{
    public static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    /// <summary>Of its descriptors, beyond which there may have been none left a moment before.</summary>
    private const double AlmostAll = 0.9;

    /// <summary>How Linux words EMFILE.</summary>
    private const string TooManyFiles = "Too many open files";

    /// <summary>A shorter pause breaks nothing that waits for an answer.</summary>
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);

    public IEnumerable<Cause> Find(Case @case)
    {
        if (LauncherOf(@case) is { } launcher)
        {
            yield return launcher;
            if (launcher.Fault != FaultCodes.Hung) yield break; // its services end with it
        }

        foreach (var service in Services.Concat(@case.Looks<ServiceLook>().Select(s => s.Item.Service)).Distinct())
            if (@case.ServiceOf(service) is { } seen && !(seen.Item is { IsAlive: false, LauncherState: "T" }) && Judge(@case, seen) is { } cause) yield return GroupRules.WithReason(@case, seen.Item, cause);
    }

    private static Cause? LauncherOf(Case @case)
    {
        foreach (var seen in @case.Looks<ServiceLook>())
        {
            var look = seen.Item;
            if (look.LauncherPid is not null && look is { IsLauncherAlive: true, LauncherState: not "T" }) return null;
            // A system that runs without a launcher has noted none, and its services live.
            if (look is { LauncherPid: null, IsAlive: true }) return null;
        }

        var dead = @case.Looks<ServiceLook>().Where(s => !s.Item.IsAlive).ToList();
        if (dead.Count == 0) return null;
        var names = string.Join(", ", dead.Select(d => d.Item.Service));
        var explains = Everything(@case, dead.Select(d => d.Item.Service));
        if (dead[0].Item is { IsLauncherAlive: true, LauncherPid: { } pid })
            return Cause(
                "launcher", FaultCodes.Hung, $"The launcher (process {pid}) is stopped, and {names} ended meanwhile: nobody starts it again.",
                Fix.By($"Let it go on: kill -CONT {pid}", "kill", "-CONT", $"{pid}"), explains, [.. dead.Select(d => d.Arrow("launcher is stopped", $"{d.Item.Service} stays away"))]);
        // Some ends of a service end the launcher, and with it all others.
        if (dead.Count < Services.Length) return null;
        foreach (var seen in dead)
            if (seen.Item.Told is { } told && StartWords.Read(seen.Item.Service, told) is { } known)
                return Cause(
                    known.Component, known.Fault, $"{Capital(seen.Item.Service)} cannot start, and the launcher ended with it: {told}", known.Fix, explains,
                    seen.Arrow("it ends at its start, and says why", "the launcher ends all"));
        return Cause("launcher", FaultCodes.NotRunning, "The launcher does not run, and none of the services does.", new Fix("Start it: throughline up"), explains, [.. dead.Select(d => d.Arrow("no launcher", $"no {d.Item.Service}"))]);
    }

    private static Cause? Judge(Case @case, Seen<ServiceLook> seen)
    {
        var look = seen.Item;
        var service = look.Service;
        // backend.2 is a node of the backend. What is refused over a socket that is open, for want of a descriptor, is in its log.
        IReadOnlyList<string> explains = [.. Everything(@case, [service.Split('.')[0]]).Union(@case.Where(f => @case.LogOf(f, service) is { } log && log.Item.Lines.Any(LacksDescriptor)))];
        if (explains.Count == 0) return null;
        if (GroupRules.WithoutThreads(@case, service, explains) is { } crowded) return crowded;
        // It was started again before our eyes, and stays.
        if (look is { IsAlive: true, IsLauncherAlive: true, LaterPids: [_], Told: null } && EarlierPids(@case, service, look.Pid ?? 0).Count < 2) return EndedOnce(@case, seen, explains);
        // One that lives may be about to end once more: it has not been ready since it said why it could not start.
        if (look.LaterPids.Count > 0 || (!look.IsAlive && look.IsLauncherAlive) || (look.IsAlive && look.Told is not null))
            return Ended(seen, explains);
        if (look is { IsLauncherAlive: true, Pid: { } pid } && EarlierPids(@case, service, pid) is [_, .., var before])
            return Ended(seen with { Item = look with { Pid = before, LaterPids = [pid] } }, explains);
        if (!look.IsAlive)
            return look.Pid is null ? null : Cause(service, FaultCodes.NotRunning, $"{Capital(service)} does not run: its process {look.Pid} is gone.", new Fix("Start it again: throughline up"), explains, seen.Arrow("no process", $"{service} refuses"));
        var stopped = look.States.Count(s => s is "T" or "t");
        if (stopped > 0 && stopped == look.States.Count)
            return Cause(
                service, FaultCodes.Hung, $"{Capital(service)} (process {look.Pid}) is stopped: it holds its port and its connections, and does nothing.",
                Fix.By($"Let it go on: kill -CONT {look.Pid}", "kill", "-CONT", $"{look.Pid}"), explains, seen.Arrow("the process is in state T", $"{service} does not answer"));
        if (stopped > 0)
            return Cause(service, FaultCodes.Starved, $"{Capital(service)} (process {look.Pid}) is stopped again and again: it was in state T at {stopped} of {look.States.Count} looks.",
                new Fix("Find who sends it SIGSTOP, or which quota holds it back."), explains, seen.Arrow("the process is in state T at times", $"{service} answers late"));
        if ((GroupRules.Frozen(@case, service, explains) ?? Paused(@case, service, explains) ?? GroupRules.HeldBack(@case, service, explains)) is { } kept) return kept;
        if (look.Barred is { } barred && @case.RecordOf(service) is { Item.Port: { } port })
            return Cause(
                service, FaultCodes.PortBlocked, $"{Capital(service)} (process {look.Pid}) listens on port {port} and takes what comes, but connections to it {(barred == ExchangeFailure.Refused ? "are refused" : "do not come about")}: a packet filter on this machine keeps them away.",
                new Fix($"Let connections to port {port} through: nft list ruleset, or iptables -S, shows what does not."), explains, seen.Arrow($"no connection to port {port} comes about", $"{service} is not reached"));
        if (look is { OpenFiles: { } open, MaxFiles: { } max } && (open >= max - 3 || (open > max * AlmostAll && HasMetTheLimit(@case, service))))
            return Cause(
                service, FaultCodes.TooManyOpenFiles, $"{Capital(service)} (process {look.Pid}) holds {open} file descriptors of the {max} that it may: it can take no further connection, or hardly one.",
                look.MostFiles > max
                    ? Fix.By($"Raise the limit: prlimit --pid {look.Pid} --nofile={look.MostFiles}:", "prlimit", "--pid", $"{look.Pid}", $"--nofile={look.MostFiles}:")
                    : new Fix($"Look at what holds them: ls -l /proc/{look.Pid}/fd. If it needs more, raise the limit (ulimit -n) and start anew."),
                explains, seen.Arrow("no descriptor is left", $"{service} takes no connection"));
        return look is { DirectFailure: ExchangeFailure.TimedOut, DirectUrl: null, Ports.Count: > 0 }
            ? Cause(service, FaultCodes.Hung, $"{Capital(service)} (process {look.Pid}) runs and listens, but does not answer on its own port within 3 s.",
                Fix.By($"End it; the launcher starts it again: kill -9 {look.Pid}", "kill", "-9", $"{look.Pid}"), explains, seen.Arrow("its own port does not answer", $"{service} does not answer"))
            : look is { IsAlive: true, IsLauncherAlive: true, StartedAt: { } started } && started > @case.BeganAt && !@case.Killed
            ? EndedOnce(@case, seen, explains)
            : null;
    }

    /// <summary>It goes on by now, but was stopped while what failed was asked. The checks stop the store themselves, to see it lost.</summary>
    private static Cause? Paused(Case @case, string service, IReadOnlyList<string> needing)
    {
        var pauses = @case.Looks<PauseLook>()
            .Where(p => p.Item.Service == service && (p.Item.Ended is not { } ended || ended - p.Item.At >= Noticeable) && !(service == "store" && @case.Killed)).ToList();
        bool IsMeanwhile(Finding finding) => pauses.Exists(p => finding.EndedAt > p.Item.At && !(finding.StartedAt >= p.Item.Ended));
        List<string> explains = [.. @case.Failed.Where(f => (needing.Contains(f.Id) || Case.LastExchange(f) is null) && IsMeanwhile(f)).Select(f => f.Id)];
        return explains.Count == 0 ? null : Cause(
            service, FaultCodes.Hung, $"{Capital(service)} (process {pauses[0].Item.Pid}) was stopped {string.Join(" and ", pauses.Select(p => p.Item.InWords))}: it held its port and its connections, and did nothing. By now it goes on.",
            new Fix("Find who stopped it (SIGSTOP): a debugger, a backup of the machine, a job that suspends others."), explains, pauses[0].Arrow("the process was in state T", $"{service} did not answer"));
    }

    private static Cause EndedOnce(Case @case, Seen<ServiceLook> seen, IReadOnlyList<string> explains)
    {
        var (service, now) = (seen.Item.Service, seen.Item.LaterPids is [.., var later] ? later : seen.Item.Pid);
        var away = seen.Arrow("its process is younger than the first question", $"{service} was away for a while");
        return SaidItLacksDescriptors(@case, service) is { } health
            ? Cause(
                service, FaultCodes.TooManyOpenFiles, $"{Capital(service)} had no file descriptor left, by its own word, and ended; the launcher has started it again (process {now}).",
                new Fix($"Look at what holds them, before it comes so far again: ls -l /proc/{now}/fd. If it needs more, raise the limit (ulimit -n) and start anew."), explains,
                health.Arrow("no descriptor is left", $"{service} opens nothing more"), away)
            : Cause(
                service, FaultCodes.Ended, $"{Capital(service)} ended while it was looked at, and the launcher has started it again (process {now}).",
                new Fix($"Read why it ended: throughline logs {service}"), explains, away);
    }

    /// <summary>By its own log of what failed there: it may hold a few less by the time it is looked at. Without a descriptor the runtime has no memory for a thread or for code, either.</summary>
    private static bool HasMetTheLimit(Case @case, string service) =>
        SaidItLacksDescriptors(@case, service) is not null
        || @case.Looks<LogLook>().Any(log => log.Item.Service == service && log.Item.About is not null && log.Item.Lines.Any(line => LacksDescriptor(line) || line.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal)));

    private static bool LacksDescriptor(string line) => line.Contains(TooManyFiles, StringComparison.Ordinal);

    /// <summary>Its health, where a dependency of it failed by that. Whatever else it could not open then is no cause of its own.</summary>
    internal static Seen<HealthLook>? SaidItLacksDescriptors(Case @case, string service) =>
        Case.FirstOrNull(Case.Of<HealthLook>(@case.Failed).Where(h => h.Item.Service == service && h.Item.Dependencies.Values.Any(said => said.Contains(TooManyFiles, StringComparison.Ordinal))));

    /// <summary>It ended, and ends again: by its own word where it gave one.</summary>
    private static Cause Ended(Seen<ServiceLook> seen, IReadOnlyList<string> explains)
    {
        var look = seen.Item;
        var chain = seen.Arrow(look.Told is null ? "the process keeps ending" : "it ends at its start, and says why", $"{look.Service} is not there");
        if (look.Told is { } told && StartWords.Read(look.Service, told) is { } known)
            return Cause(known.Component, known.Fault, $"{Capital(look.Service)} cannot start: {told}", known.Fix, explains, chain);
        return Cause(
            look.Service, FaultCodes.CrashLoop, $"{Capital(look.Service)} keeps ending{(look.LaterPids.Count > 0 && look.LaterPids[^1] != look.Pid ? $": process {look.LaterPids[^1]} came after {look.Pid}" : "")}{(look.Told is null ? "" : $"; it says: {look.Told.TrimEnd('.')}")}.",
            new Fix($"Read why it ends: throughline logs {look.Service}"), explains, chain);
    }

    /// <summary>Processes that its record named while it was looked at, and that were gone. One of them may have been ended once.</summary>
    private static List<int> EarlierPids(Case @case, string service, int now) =>
        [.. Case.Of<DiscoveryLook>(@case.Failed).Concat(@case.Looks<DiscoveryLook>()).Where(r => r.Item.Service == service && r.Item is { IsPidAlive: false, Pid: not null } && r.Item.Pid != now).Select(r => r.Item.Pid!.Value).Distinct()];

    /// <summary>What fails where a service is away: its own, that of all who need it, and the look at it; for the frontend all that goes through it.</summary>
    private static IReadOnlyList<string> Everything(Case @case, IEnumerable<string> services) =>
        [.. services.SelectMany(s => s == "frontend" && @case.RecordOf("frontend") is { Item.Port: { } port } ? @case.At(s).Union(@case.Where(f => IsAskedAt(f, port))) : @case.At(s)).Distinct()];

    private static bool IsAskedAt(Finding finding, int port) => finding.Evidence.Any(e => e switch
    {
        HttpExchange { Failure: not null } http => new Uri(http.Url).Port == port,
        SocketExchange { Failure: not null } socket => new Uri(socket.Url).Port == port,
        _ => false,
    });

    internal static string Capital(string service) => char.ToUpperInvariant(service[0]) + service[1..];
}
