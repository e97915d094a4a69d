using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Web.Threads;

namespace Throughline.Web.Tests.Threads;

/// <summary>A thread's log as the service would number it.</summary>
internal sealed class Log
{
    public const string Thread = "thread-1";
    public const string Run = "run-1";

    private readonly List<LoggedEvent> _entries = [];

    public IReadOnlyList<LoggedEvent> Entries => _entries;

    public Log Add(AgUiEvent @event, double elapsedMs = 0)
    {
        var stamped = @event with { Timestamp = 1_763_300_000_000 + (long)elapsedMs, Metadata = new(new(Run, elapsedMs)) };
        _entries.Add(new LoggedEvent(_entries.Count + 1, JsonSerializer.SerializeToElement(stamped, WireJson.Default.AgUiEvent)));
        return this;
    }

    public Log Begin(string question, params Guid[] fileIds) => Add(new RunStarted(Thread, Run, new RunAgentInput(
        Messages: [new AgUiMessage("m1", "user", JsonSerializer.SerializeToElement(question))],
        ForwardedProps: JsonSerializer.SerializeToElement(new { fileIds }))));

    public Log Say(string id, params string[] deltas)
    {
        Add(new TextMessageStart(id));
        foreach (var delta in deltas)
            Add(new TextMessageContent(id, delta));
        return Add(new TextMessageEnd(id));
    }

    public ThreadView Fold()
    {
        var view = new ThreadView(Thread);
        foreach (var entry in _entries)
            view.Apply(entry);
        return view;
    }
}
