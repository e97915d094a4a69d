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
        _ => item.ToString(),
    };

    private static string Who(Answerer? from) => from is null ? "" : $", from {from.Service ?? "?"} {from.Instance}";
}
