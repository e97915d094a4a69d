using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>What the system allows a process, by its control groups, and the words with which a process ends that asked for more.</summary>
internal static class GroupRules
{
    /// <summary>Of the periods. Now and then every busy process has used its own up.</summary>
    private const double Often = 0.25;
    private const string WantOfMemory = "Out of memory.";

    /// <summary>It is held back while it has work, and so what it does comes late.</summary>
    public static Cause? HeldBack(Case @case, string service, IEnumerable<string> needing) =>
        GroupOf(@case, service, GroupLook.Processor) is { Item.Share: >= Often } group
            ? Cause(
                service, FaultCodes.Starved, $"{ProcessRules.Capital(service)} is held back: its control group {group.Item.Group} {group.Item.InWords}.",
                new Fix("Let it use more: docker update --cpus, CPUQuota= of systemd, or resources.limits.cpu of Kubernetes."),
                [.. @case.Failed.Where(f => needing.Contains(f.Id) && IsOfTime(f)).Select(f => f.Id)], group.Arrow("the group's time is used up", $"{service} answers late"))
            : null;

    public static Cause? Frozen(Case @case, string service, IReadOnlyList<string> needing) =>
        GroupOf(@case, service, GroupLook.Frozen) is { } group
            ? Cause(
                service, FaultCodes.Hung, $"{ProcessRules.Capital(service)} (process {group.Item.Pid}) is frozen with its control group {group.Item.Group}: it holds its port and its connections, and does nothing.",
                new Fix("Let it go on: docker unpause, or systemctl thaw."), needing, group.Arrow("the group is frozen", $"{service} does not answer"))
            : null;

    /// <summary>What asks for a thread and gets none fails, or ends the process.</summary>
    public static Cause? WithoutThreads(Case @case, string service, IReadOnlyList<string> needing) =>
        GroupOf(@case, service, GroupLook.Threads) is { } group
            ? Cause(
                service, FaultCodes.TooManyThreads, $"{ProcessRules.Capital(service)} lacks threads: its control group {group.Item.Group} {group.Item.InWords}.",
                new Fix("Let it have more: docker update --pids-limit, TasksMax= of systemd, or podPidsLimit of Kubernetes."), needing, group.Arrow("the group has all its threads", $"{service} cannot go on"))
            : null;

    /// <summary>Why it ended, where the kernel or the runtime tells.</summary>
    public static Cause WithReason(Case @case, ServiceLook look, Cause cause)
    {
        if (cause.Fault is not (FaultCodes.NotRunning or FaultCodes.CrashLoop or FaultCodes.Ended)) return cause;
        if (GroupOf(@case, look.Service, GroupLook.Memory) is { } group)
            return cause with
            {
                Fault = FaultCodes.OutOfMemory,
                Sentence = $"{ProcessRules.Capital(look.Service)} was ended for want of memory: its control group {group.Item.Group} {group.Item.InWords}.",
                Fix = new Fix("Let it use more: docker update --memory, MemoryMax= of systemd, or resources.limits.memory of Kubernetes."),
                Chain = [group.Arrow("the group's memory is used up", "the kernel ends its process"), .. cause.Chain],
            };
        if (look.DiedOf is not { } death) return cause;
        return death.StartsWith(WantOfMemory, StringComparison.Ordinal) || death.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal)
            ? cause with
            {
                Fault = FaultCodes.OutOfMemory,
                Sentence = $"{ProcessRules.Capital(look.Service)} ended for want of memory, of threads or of descriptors, all of which its runtime calls by one name: {death}",
                Fix = new Fix("Look at what is limited (ulimit -a, the control group's memory.max and pids.max), and let it use more."),
            }
            : cause with { Sentence = $"{cause.Sentence} The process before it ended with the words: {death}" };
    }

    private static bool IsOfTime(Finding finding) =>
        TimingRules.IsLate(finding) || Case.LastExchange(finding) is HttpExchange { Failure: ExchangeFailure.TimedOut } or HttpExchange { Status: 503 or 504 } or SocketExchange { Failure: ExchangeFailure.TimedOut };

    private static Seen<GroupLook>? GroupOf(Case @case, string service, string limit) => Case.FirstOrNull(@case.Looks<GroupLook>().Where(g => g.Item.Service == service && g.Item.Limit == limit));
}
