using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;

namespace Throughline.Web.Threads;

/// <summary>A thread as it is shown: its log's events, folded into questions and answers.</summary>
/// <remarks>The same events give the same view, whether they arrive live, after a reconnect or from a reload.</remarks>
public sealed class ThreadView(string threadId)
{
    private readonly List<RunView> _runs = [];

    public string ThreadId { get; } = threadId;

    /// <summary><c>seq</c> of the last event that was folded in.</summary>
    public long Head { get; private set; }

    public IReadOnlyList<RunView> Runs => _runs;

    /// <summary>The run that is under way or about to begin.</summary>
    public RunView? Active => _runs.LastOrDefault(run => !run.IsOver);

    /// <summary>The files of the latest question that had some; a question without files goes on with these.</summary>
    public IReadOnlyList<Guid> FileIds => _runs.LastOrDefault(run => run.FileIds.Count > 0)?.FileIds ?? [];

    /// <summary>Shows a question before the service has answered that it is durable.</summary>
    public RunView Expect(string runId, string question, IReadOnlyList<Guid> fileIds, DateTimeOffset askedAt)
    {
        var run = new RunView(runId) { Question = question, FileIds = fileIds, AskedAt = askedAt };
        _runs.Add(run);
        return run;
    }

    /// <summary>Takes back a question that the service refused.</summary>
    public void Withdraw(string runId) => _runs.RemoveAll(run => run.RunId == runId && run.Status == RunStatus.Queued);

    /// <summary>Folds in one event. One that was folded in before changes nothing.</summary>
    public bool Apply(LoggedEvent entry)
    {
        if (entry.Seq <= Head)
            return false;
        Head = entry.Seq;
        var @event = entry.Event.Deserialize(WireJson.Default.AgUiEvent);
        if (@event is RunStarted started)
            Begin(started);
        else if (@event is not null && Owner(@event) is { } run)
            run.Apply(@event);
        return true;
    }

    private void Begin(RunStarted started)
    {
        Find(started.RunId).Begin(started);
        foreach (var entry in started.Input?.Resume ?? [])
            _runs.SelectMany(run => run.Approvals).FirstOrDefault(approval => approval.Id == entry.InterruptId)?.Answer(entry);
    }

    private RunView? Owner(AgUiEvent @event) =>
        @event.Metadata?.Throughline.RunId is { } runId ? Find(runId) : _runs.LastOrDefault();

    private RunView Find(string runId)
    {
        var run = _runs.Find(candidate => candidate.RunId == runId);
        if (run is null)
            _runs.Add(run = new RunView(runId));
        return run;
    }
}
