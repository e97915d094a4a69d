using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Runs;

/// <summary>A run's journal. What an earlier attempt wrote is passed over, what is missing is appended.</summary>
internal sealed class RunJournal(RunRecord run, RunBackground background, ThreadWriter writer, IReadOnlyList<LogEntry> written, Dictionary<string, byte[]> steps, TimeProvider time) : IAgentRun
{
    /// <summary>Events on their way to the disk before the agents have to wait.</summary>
    private const int MostUnwritten = 128;

    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _written = new(written);
    private readonly OpenItems _open = new();
    private readonly RunStages _stages = new();
    private readonly StringBuilder _answer = new();
    private readonly Queue<Task> _unwritten = new();
    private bool _sealed;

    public string ThreadId => run.Thread.ThreadId;

    public string RunId => run.RunId;

    public Guid UserId => run.Thread.UserId;

    public DateTimeOffset StartedAt => run.StartedAt!.Value;

    public string Question { get; } = RunInput.QuestionOf(run.Input);

    public IReadOnlyList<string> EarlierQuestions => background.EarlierQuestions;

    public TimeZoneInfo TimeZone { get; } = RunInput.TimeZoneOf(run.Input);

    public IReadOnlyList<AttachedFile> Files => background.Files;

    public IReadOnlyList<AnsweredAction> Answers => background.Answers;

    public UserSettings Settings => background.Settings;

    public Guid IdFor(string name) => StableId.Of(UserId, RunId, StartedAt, name);

    public async ValueTask EmitAsync(AgUiEvent @event, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task? oldest = null;
        lock (_gate)
        {
            if (Next(@event) is not { } stamped) return;
            _unwritten.Enqueue(writer.AppendAsync([Encode(stamped)], []));
            while (_unwritten.TryPeek(out var task) && task.IsCompletedSuccessfully) _unwritten.Dequeue();
            if (_unwritten.TryPeek(out var first) && (first.IsFaulted || _unwritten.Count > MostUnwritten)) oldest = _unwritten.Dequeue();
        }

        if (oldest is not null) await oldest;
    }

    public Task ApplyAsync(ProposedAction action, ToolCallResult said, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            // One transaction: where the event stands in the log, the effect took place; and it is done again nowhere.
            return Next(said) is { } stamped
                ? writer.AppendAsync([Encode(stamped)], [new ApplyAction(IdFor("effect." + said.ToolCallId), action)])
                : Task.CompletedTask;
        }
    }

    public async Task<T> StepAsync<T>(string key, Func<CancellationToken, Task<T>> compute, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (steps.TryGetValue(key, out var known)) return JsonSerializer.Deserialize(known, type)!;
        var result = await compute(cancellationToken);
        var json = JsonSerializer.SerializeToUtf8Bytes(result, type);
        await WriteAsync(new RecordStep(run.RunNo, key, json));
        // The recorded bytes, not the object: a resumed run must not see anything else.
        return JsonSerializer.Deserialize(json, type)!;
    }

    public Task SaveFactsAsync(IReadOnlyList<Fact> facts, CancellationToken cancellationToken) =>
        facts.Count == 0 ? Task.CompletedTask
        : WriteAsync(new KeepFacts([.. facts.Select(f => f with { ThreadId = ThreadId, RunId = RunId })]));

    /// <summary>Ends the run: closes what is open, appends the last event, and lets nothing follow.</summary>
    /// <param name="raised">The interrupt that the last event raises.</param>
    public Task EndAsync(AgUiEvent last, string status, IReadOnlyList<ModelUsage>? usage, RunQuality? quality, RaiseInterrupt? raised)
    {
        lock (_gate)
        {
            _sealed = true;
            while (_written.TryDequeue(out var entry)) Observe(Read(entry));
            var events = _open.Closing().Append(last).Select(Stamp).ToList();
            events.ForEach(Observe);
            var outcome = new RunOutcomeRecord(_stages.At(time.GetUtcNow()), usage, quality);
            var end = new EndRun(run.RunNo, status, outcome, _answer.ToString());
            return writer.AppendAsync([.. events.Select(Encode)], raised is null ? [end] : [end, raised]);
        }
    }

    /// <summary>Lets nothing follow, and leaves the run open: another activation goes on.</summary>
    public void Seal()
    {
        lock (_gate) _sealed = true;
    }

    /// <summary>Whether the pipeline said all that an earlier attempt had already written.</summary>
    public bool IsCaughtUp
    {
        get
        {
            lock (_gate) return _written.Count == 0;
        }
    }

    public static byte[] Encode(AgUiEvent @event) => JsonSerializer.SerializeToUtf8Bytes(@event, WireJson.Default.AgUiEvent);

    public static AgUiEvent Read(LogEntry entry) => JsonSerializer.Deserialize(entry.Event.Span, WireJson.Default.AgUiEvent)!;

    public AgUiEvent Stamp(AgUiEvent @event)
    {
        var now = time.GetUtcNow();
        var elapsed = Math.Max(0, Math.Round((now - StartedAt).TotalMilliseconds, 1));
        return @event with { Timestamp = now.ToUnixTimeMilliseconds(), Metadata = new EventMetadata(new ThroughlineMetadata(RunId, elapsed)) };
    }

    private Task WriteAsync(ILogWrite write)
    {
        lock (_gate)
        {
            return _sealed ? throw new OperationCanceledException("The run has ended.") : writer.AppendAsync([], [write]);
        }
    }

    /// <summary>The event to write, or null where an earlier attempt has written it.</summary>
    private AgUiEvent? Next(AgUiEvent @event)
    {
        if (_sealed) throw new OperationCanceledException("The run has ended.");
        var isWritten = _written.TryDequeue(out var entry);
        if (isWritten && !IsSame(entry!, @event)) throw new JournalDivergedException(entry!.Seq);
        var stamped = isWritten ? Read(entry!) : Stamp(@event);
        Observe(stamped);
        return isWritten ? null : stamped;
    }

    private void Observe(AgUiEvent @event)
    {
        _open.Observe(@event);
        _stages.Observe(@event);
        if (@event is TextMessageContent { Delta: var delta }) _answer.Append(delta);
    }

    /// <summary>The same but for time: "the same bytes after a crash" leaves out <c>timestamp</c> and <c>elapsedMs</c>.</summary>
    private static bool IsSame(LogEntry written, AgUiEvent again)
    {
        var before = JsonNode.Parse(written.Event.Span)!.AsObject();
        var now = JsonNode.Parse(Encode(again))!.AsObject();
        foreach (var member in (ReadOnlySpan<string>)["timestamp", "metadata"])
        {
            before.Remove(member);
            now.Remove(member);
        }

        return JsonNode.DeepEquals(before, now);
    }
}

/// <summary>A run that was taken up again said something else than before. Its agents are not deterministic.</summary>
internal sealed class JournalDivergedException(long seq) : Exception($"The run, taken up again, differs from what is written at seq {seq}.");
