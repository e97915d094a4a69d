using System.Text.Json;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Api;
using Throughline.Client.Connection;
using Throughline.Client.Runs;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;
using Throughline.Launcher.Login;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Ask;

/// <summary>One question and its answer against a running stack, here or on another machine.</summary>
internal sealed class Conversation(string question, IReadOnlyList<FileInfo> files, string? timeZone, TimeProvider time)
{
    /// <summary>A source names the figures it was computed from, up to this many.</summary>
    private const int OperandsNamed = 6;

    /// <param name="state">Null for another machine's stack.</param>
    public async Task<int> RunAsync(LoginPlace place, StateDirectory? state, CancellationToken cancellationToken)
    {
        using var signIn = new NativeSignIn(place.Auth, time);
        var login = await ShellUser.SignInAsync(place, state, signIn, cancellationToken);
        using var http = ThroughlineHttp.Create(place.Backend);
        var api = new ThroughlineClient(http, login, time);
        await using var connection = new ThreadConnection(place.WebSocket, login);
        connection.Start();

        var fileIds = new List<Guid>();
        foreach (var file in files)
            fileIds.Add(await UploadAsync(api, file, cancellationToken));
        var run = await connection.AskAsync(new Question(question) { FileIds = fileIds, TimeZone = timeZone }, cancellationToken);
        return await PrintAsync(api, connection.ReadRunAsync(run, cancellationToken), cancellationToken);
    }

    private static async Task<Guid> UploadAsync(ThroughlineClient api, FileInfo file, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"Reading {file.Name} …");
        await using var content = file.OpenRead();
        var read = await api.UploadFileAsync(file.Name, content, progress: null, cancellationToken);
        await Console.Error.WriteLineAsync($"{read.Rows:N0} rows of {read.Format}, {read.Refused.Count:N0} refused.");
        foreach (var refused in read.Refused.First)
            await Console.Error.WriteLineAsync($"  line {refused.Line}: {refused.Reason}");
        return read.Id;
    }

    private static async Task<int> PrintAsync(ThroughlineClient api, IAsyncEnumerable<RunEvent> run, CancellationToken cancellationToken)
    {
        var text = new FigureText();
        var hasSpoken = false;
        await foreach (var (_, @event) in run)
        {
            switch (@event)
            {
                case StepStarted step:
                    await Console.Error.WriteLineAsync($"· {step.StepName.Replace('_', ' ')}");
                    break;
                case TextMessageStart { SubagentRunId: null }:
                    if (hasSpoken)
                        Console.Write($"{text.End()}\n\n");
                    hasSpoken = true;
                    break;
                case TextMessageContent { SubagentRunId: null } content:
                    Console.Write(text.Add(content.Delta));
                    break;
                case ActivitySnapshot { ActivityType: "throughline.table" } table:
                    var rows = table.Content.Deserialize(WireJson.Default.TableActivity)!;
                    Console.Write($"{text.End()}\n{MarkdownTable.Write(rows)}");
                    text.Note(rows.Rows.SelectMany(row => row).Select(cell => cell.FactId).OfType<Guid>());
                    break;
                case RunError error:
                    Console.WriteLine(text.End());
                    throw new LauncherException(ExitCode.Other, error.Message, "Ask again; `throughline logs backend` tells more.");
                case RunFinished finished:
                    Console.WriteLine(text.End());
                    await PrintSourcesAsync(api, finished.Result?.Figures?.Where(f => text.Printed.Contains(f.FactId)) ?? [], cancellationToken);
                    foreach (var asked in finished.Outcome.Interrupts ?? [])
                        await Console.Error.WriteLineAsync(Waiting(finished.ThreadId, asked));
                    return finished.Outcome.Type == "success" ? ExitCode.Stopped : ExitCode.Other;
            }
        }

        return ExitCode.Other;
    }

    /// <summary>What to do where the answer waits for an approval; the shell itself approves nothing.</summary>
    private static string Waiting(string threadId, Interrupt asked) =>
        $"Waiting for your approval: {asked.Message} Nothing has changed. Approve or decline it in the web app, in the thread /threads/{Uri.EscapeDataString(threadId)}"
        + (asked.ExpiresAt is { } until ? $", until {until:yyyy-MM-dd HH:mm} UTC." : ".");

    private static async Task PrintSourcesAsync(ThroughlineClient api, IEnumerable<Figure> figures, CancellationToken cancellationToken)
    {
        var isFirst = true;
        foreach (var figure in figures.DistinctBy(f => f.FactId))
        {
            if (isFirst)
                Console.WriteLine("\n## Sources\n");
            isFirst = false;
            var fact = await api.GetFactAsync(figure.FactId, cancellationToken);
            Console.WriteLine($"- {figure.Text}: {fact.Subject} ({fact.Producer.Tool}{Origin(fact)})");
        }
    }

    private static string Origin(Fact fact) => fact switch
    {
        { Input: { } input } => $", from {input.RowCount:N0} rows of {input.FileName}",
        { Operands: { Count: > 0 and <= OperandsNamed } operands } => $", from {string.Join(", ", operands.Select(o => o.Text))}",
        { Operands: { Count: > OperandsNamed } operands } => $", from {operands.Count} figures",
        _ => "",
    };
}
