using System.Runtime.CompilerServices;
using System.Text;
using Throughline.Client.Connection;
using Throughline.Contracts.Agents;

namespace Throughline.Client.Runs;

/// <summary>An event of one run.</summary>
/// <param name="Seq">Its position in the thread.</param>
public sealed record RunEvent(long Seq, AgUiEvent Event);

/// <summary>How a run ended.</summary>
/// <param name="Markdown">The answer; a figure in it is a link <c>[$47.61](#f-FACTID)</c>.</param>
/// <param name="Finished">Outcome and figures; <c>null</c> where the run failed.</param>
/// <param name="Error">Why it failed; <c>null</c> where it did not.</param>
public sealed record Answer(StartedRun Run, string Markdown, RunFinished? Finished, RunError? Error);

/// <summary>Reads one run out of its thread.</summary>
public static class RunReading
{
    /// <summary>The run's events in order, from its first to <see cref="RunFinished"/> or <see cref="RunError"/>, which is the last.</summary>
    /// <exception cref="Problems.ProtocolException">As <see cref="ThreadConnection.ReadEventsAsync"/>.</exception>
    public static async IAsyncEnumerable<RunEvent> ReadRunAsync(
        this ThreadConnection connection, StartedRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in connection.ReadEventsAsync(run.ThreadId, run.Seq, cancellationToken))
        {
            var read = entry.ToAgUiEvent();
            if (RunOf(read) is { } runId && runId != run.RunId)
                continue;
            yield return new RunEvent(entry.Seq, read);
            if (read is RunFinished or RunError)
                yield break;
        }
    }

    /// <summary>Waits for the run's end and gives its answer whole.</summary>
    /// <exception cref="Problems.ProtocolException">As <see cref="ThreadConnection.ReadEventsAsync"/>. A failed run is no exception: see <see cref="Answer.Error"/>.</exception>
    public static async Task<Answer> ReadAnswerAsync(this ThreadConnection connection, StartedRun run, CancellationToken cancellationToken)
    {
        var markdown = new StringBuilder();
        AgUiEvent? last = null;
        await foreach (var (_, read) in connection.ReadRunAsync(run, cancellationToken))
        {
            last = read;
            if (read is TextMessageContent { SubagentRunId: null } content)
                markdown.Append(content.Delta);
        }

        return new Answer(run, markdown.ToString(), last as RunFinished, last as RunError);
    }

    private static string? RunOf(AgUiEvent read) => read switch
    {
        RunStarted started => started.RunId,
        RunFinished finished => finished.RunId,
        _ => read.Metadata?.Throughline.RunId,
    };
}
