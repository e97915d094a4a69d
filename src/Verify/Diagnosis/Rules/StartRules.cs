using System.Text.Json;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>A stack that did not start: by the launcher's exit code, and by the line in which it or a service told why.</summary>
internal sealed class StartRules : IRule
{
    /// <summary>The assertion that stands for a start that was wanted and did not come.</summary>
    public static readonly Assertion Started = new("startup.phases", "All was ready within 30 seconds of the start, and the time of each phase was told");

    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var seen in Case.Of<CommandRun>(@case.Failed.Where(f => f.Id == Started.Id)))
        {
            var (service, told) = ToldBy(seen.Item);
            var reading = StartWords.OfExit(seen.Item.ExitCode, service, told);
            yield return Cause(
                reading.Component, reading.Fault, told.Length > 0 ? told : $"The launcher ended with exit code {seen.Item.ExitCode} and said nothing.", reading.Fix, @case.Where(f => f.Id == Started.Id),
                seen.Arrow($"{service} cannot start", "the stack does not start"));
        }
    }

    /// <summary>A launcher that ended before it was ready, as a finding.</summary>
    public static Finding FindingOf(CommandRun start, string? otherwise = null)
    {
        var (_, told) = ToldBy(start);
        return new Finding(
            Started.Id, Started.Check, Started.Statement, Verdict.Failed, otherwise ?? $"the launcher ended with exit code {start.ExitCode}: {told}", null, null, [start], start.At, start.At.AddMilliseconds(start.ElapsedMs));
    }

    /// <remarks>
    /// <c>{"event":"failed","service":"backend","detail":"backend ended with exit code 3: backend and auth …"}</c>, or, of the launcher
    /// itself, <c>throughline: Port 8000 is held by …</c>
    /// </remarks>
    private static (string Service, string Told) ToldBy(CommandRun start)
    {
        foreach (var line in start.LastLines.Reverse())
        {
            if (line.StartsWith("throughline: ", StringComparison.Ordinal)) return ("launcher", line["throughline: ".Length..]);
            if (!line.StartsWith('{')) continue;
            try
            {
                var json = JsonElement.Parse(line);
                if (json.FindText("event") == "failed") return (json.FindText("service") ?? "launcher", json.FindText("detail") ?? "");
            }
            catch (JsonException)
            {
                // A line that was cut.
            }
        }

        return ("launcher", start.LastLines.LastOrDefault(l => l.Length > 0) ?? "");
    }
}
