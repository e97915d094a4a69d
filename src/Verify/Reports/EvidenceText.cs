using System.Globalization;

namespace Throughline.Verify.Reports;

/// <summary>A piece of evidence in one line.</summary>
internal static class EvidenceText
{
    public static string Of(EvidenceItem item) => item switch
    {
        HttpExchange http => string.Create(CultureInfo.InvariantCulture, $"{http.Method} {http.Url} ({http.Sent}) → {(http.Status is { } status ? $"{status} {http.Code}".TrimEnd() : $"{http.Failure}: {http.Error}")} in {http.ElapsedMs:0.#} ms{Who(http.From)}{(http.TraceId is { } trace ? $", trace {trace}" : "")}"),
        SocketExchange socket => string.Create(CultureInfo.InvariantCulture, $"socket by {socket.Carrier}{(socket.Sent is { } sent ? $" ({sent})" : "")} → {(socket.HttpStatus is { } status ? $"HTTP {status}" : socket.CloseCode is { } code ? $"closed with {code} {socket.CloseText}" : socket.Failure is { } failure ? $"{failure}: {socket.Error}" : socket.UserId is { } user ? $"greets {user}" : "open")}, {socket.Frames} frames, {socket.ElapsedMs:0} ms{Who(socket.From)}"),
        DiscoveryLook look => $"record of {look.Service}: port {look.Port}, pid {look.Pid}{(look.IsPidAlive == false ? " (gone)" : "")}, listens on {(look.ListeningPorts is { } ports ? string.Join(", ", ports) : "?")}, answered by {look.Answering?.Service ?? "nobody"} {look.Answering?.Instance}{(look.Rejection is { } rejection ? $"; rejected: {rejection}" : "")}",
        HealthLook health => $"health of {health.Service}: {health.Status}; {string.Join(", ", health.Dependencies.Select(d => $"{d.Key} {d.Value}"))}",
        ProcessLook process => $"process {process.Pid} of {process.Service} {(process.IsAlive ? "runs" : "is gone")}{(process.State is { } state ? $" ({state})" : "")}",
        CommandRun command => string.Create(CultureInfo.InvariantCulture, $"{command.Command} → exit code {command.ExitCode} after {command.ElapsedMs:0} ms: {string.Join(" | ", command.LastLines.TakeLast(4))}"),
        LogLook log => $"log of {log.Service}{(log.About is { } about ? $", of {string.Join(", ", about.Take(3))}{(about.Count > 3 ? $" and {about.Count - 3} more" : "")}" : "")}: {string.Join(" | ", log.Lines)}",
        Comparison comparison => $"{comparison.What}: expected {comparison.Expected}, got {comparison.Actual}",
        BrowserLook browser => $"browser at {browser.Url}, {browser.Action}: {browser.Text} {string.Join(" | ", browser.Console)}",
        ServiceLook service => Service(service),
        StoreLook store => string.Create(CultureInfo.InvariantCulture, $"store at {store.Address}: {(store.Answers ? "keeps a key" : store.Error ?? $"{store.Failure}")}, {store.ElapsedMs:0.#} ms"),
        DatabaseLook database => $"database of {database.Service}, {database.Path}: {(!database.Exists ? "is not there" : database.IsDatabase == false ? "is no database" : database.CanBeWritten ? "can be written" : "cannot be written")}, {Free(database.FreeBytes)}{(database.Holder is { } holder ? $", held by {holder}" : "")}{(database.Deleted is { } deleted ? $", deleted while it is used ({deleted})" : "")}",
        DirectLook direct => $"{direct.What}: {direct.Given} at {direct.GivenUrl}{(direct.Holder is { } holder ? $" ({holder})" : "")}, {direct.Direct} at the process itself, {direct.DirectUrl}",
        ClockLook clock => string.Create(CultureInfo.InvariantCulture, $"clock of {clock.Service}: {Math.Abs(clock.AheadSeconds):0.#} s {(clock.AheadSeconds < 0 ? "behind" : "ahead of")} ours"),
        BreakerLook breakers => $"circuit breakers of {breakers.Service}: {string.Join(", ", breakers.States.Select(s => $"{s.Key} {s.Value}"))}",
        MachineLook machine => string.Create(CultureInfo.InvariantCulture, $"machine: {machine.Cores} cores, load {machine.Load:0.0}{(machine.FreeBytes is { } free ? $", {Free(free)}" : "")}"),
        NameLook name => $"name {name.Host}: {(name.Addresses.Count > 0 ? $"leads to {string.Join(", ", name.Addresses)}" : name.Error)}",
        PauseLook pause => $"process {pause.Pid} of {pause.Service} was stopped {pause.InWords}",
        GroupLook group => $"control group {group.Group}, with process {group.Pid} of {group.Service}, {group.InWords}",
        _ => item.ToString(),
    };

    private static string Service(ServiceLook look)
    {
        List<string> told = [look.Pid is not { } pid ? "no process" : $"process {pid} {(look.IsAlive ? $"runs ({string.Join("", look.States)})" : "is gone")}"];
        if (look.LaterPids is [.., var later]) told.Add($"later {later}");
        if (look.StartedAt is { } started) told.Add(string.Create(CultureInfo.InvariantCulture, $"started at {started:HH:mm:ss}"));
        if (look.Ports.Count > 0) told.Add($"listens on {string.Join(", ", look.Ports)}");
        if (look.DirectUrl is { } url) told.Add($"{(look.DirectFailure is { } failure ? $"{failure}" : "answers")} at {url}");
        if (look.Barred is { } barred) told.Add($"connections to it fail on the way ({barred})");
        if (look.MaxFiles is { } max) told.Add($"{look.OpenFiles} of {max} files open");
        if (look.RecordHolder is { } holder) told.Add($"its recorded port is held by {holder}");
        if (look.DiedOf is { } death) told.Add($"the one before it ended with: {death}");
        if (look.Told is { } words) told.Add($"its last words: {words}");
        told.Add(look.LauncherPid is not { } launcher ? "no launcher" : $"launcher {launcher} {(look.IsLauncherAlive ? $"runs ({look.LauncherState})" : "is gone")}");
        return $"{look.Service}: {string.Join(", ", told)}";
    }

    private static string Free(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0} MiB free");

    private static string Who(Answerer? from) => from is null ? "" : $", from {from.Service ?? "?"} {from.Instance}";
}
