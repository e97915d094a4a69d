using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Launcher.Operator;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Reconcile;

/// <summary><c>throughline reconcile</c>: whether the backend's copy of the users is auth's. Exit code 0 where it is, or was made so, else 1.</summary>
internal static class ReconcileCommand
{
    private static readonly Option<bool> Repair = new("--repair") { Description = "Repair what differs, after auth." };

    public static Command Create()
    {
        var command = new Command("reconcile", """
            Compare every user that the backend has with auth's, on a running stack, and list what differs.

            Exit code 0 when nothing differs, or --repair has repaired all of it; 1 when something does.
            """) { Repair };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (state, repair) = (StateDirectory.At(parsed.GetValue(CommandLine.State)!), parsed.GetValue(Repair));
        using var backend = await OperatorClient.ConnectAsync(state, "backend", cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/internal/reconcile?repair={(repair ? "true" : "false")}");
        using var response = await backend.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new LauncherException(
                ExitCode.Other, $"The backend could not compare (status {(int)response.StatusCode}).", "Look at its health: throughline status");

        var (found, left) = (0, 0);
        await foreach (var line in LinesOf(response, cancellationToken))
        {
            if (line.Error is { } error)
                throw new LauncherException(ExitCode.Other, $"The comparison broke off after {Number(line.Compared)} users: {error}", "Run it again; what was repaired stays repaired.");
            if (line.Found is { } divergence)
            {
                Console.WriteLine(Describe(divergence));
                found++;
                if (divergence.Repaired != true) left++;
            }
            else
            {
                await Console.Error.WriteLineAsync($"Compared {Number(line.Compared)} users.");
            }

            if (line.IsDone) return Conclude(line.Compared, found, left, repair);
        }

        throw new LauncherException(ExitCode.Other, "The backend ended before the comparison did.", "Look at its log: throughline logs backend");
    }

    private static async IAsyncEnumerable<ReconcileLine> LinesOf(
        HttpResponseMessage response, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
            yield return JsonSerializer.Deserialize(text, WireJson.Default.ReconcileLine)!;
    }

    private static string Describe(Divergence divergence) =>
        $"{divergence.UserId}  {divergence.Kind,-9}  {divergence.Detail}" + divergence.Repaired switch
        {
            true => "  Repaired.",
            false => "  Not repaired.",
            null => "",
        };

    private static int Conclude(long compared, int found, int left, bool isRepairing)
    {
        Console.WriteLine(found == 0
            ? $"No divergence among {Number(compared)} users."
            : isRepairing
                ? $"{Number(found)} of {Number(compared)} users diverged; {Number(left)} still do."
                : $"{Number(found)} of {Number(compared)} users diverge. Repair them with: throughline reconcile --repair");
        return left == 0 ? ExitCode.Stopped : ExitCode.Other;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
