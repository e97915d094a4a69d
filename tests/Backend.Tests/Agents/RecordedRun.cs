using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Tests.Agents;

/// <summary>A run whose journal is kept in memory as JSON, so that it can be resumed from any point of it.</summary>
internal sealed class RecordedRun(string question, params AttachedFile[] files) : IAgentRun
{
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<AgUiEvent> Events { get; } = [];

    public ConcurrentDictionary<string, string> Journal { get; init; } = new();

    public Dictionary<Guid, Fact> Facts { get; } = [];

    /// <summary>Steps that were computed rather than replayed.</summary>
    public List<string> Computed { get; } = [];

    public string ThreadId => "thread-1";

    public string RunId => "run-1";

    public Guid UserId { get; } = Guid.Parse("0198a000-0000-7000-8000-00000000000a");

    public DateTimeOffset StartedAt { get; init; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public string Question => question;

    public IReadOnlyList<string> EarlierQuestions { get; init; } = [];

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public IReadOnlyList<AttachedFile> Files => files;

    /// <summary>Done when the first tool is about to work.</summary>
    public Task FirstCall => _called.Task;

    /// <summary>The answer as a person reads it: every message, in order.</summary>
    public string Text => string.Concat(Events.OfType<TextMessageContent>().GroupBy(text => text.MessageId).Select(message => string.Concat(message.Select(text => text.Delta)) + "\n"));

    public IEnumerable<string> Stages => Events.OfType<StepStarted>().Select(step => step.StepName);

    public IEnumerable<string> Tools => Events.OfType<ToolCallStart>().Select(call => call.ToolCallName);

    public IReadOnlyList<AnsweredAction> Answers { get; init; } = [];

    public UserSettings Settings { get; init; } = UserSettings.None;

    /// <summary>Actions that took effect.</summary>
    public List<ProposedAction> Applied { get; } = [];

    public Task ApplyAsync(ProposedAction action, ToolCallResult said, CancellationToken cancellationToken)
    {
        Applied.Add(action);
        Events.Add(said);
        return Task.CompletedTask;
    }

    public Guid IdFor(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(RunId + name)).AsSpan(0, 16));

    public ValueTask EmitAsync(AgUiEvent @event, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Events.Add(@event);
        if (@event is ToolCallEnd) _called.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public async Task<T> StepAsync<T>(string key, Func<CancellationToken, Task<T>> compute, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (!Journal.TryGetValue(key, out var json))
        {
            json = JsonSerializer.Serialize(await compute(cancellationToken), type);
            Journal[key] = json;
            Computed.Add(key);
        }

        return JsonSerializer.Deserialize(json, type)!;
    }

    public Task SaveFactsAsync(IReadOnlyList<Fact> facts, CancellationToken cancellationToken)
    {
        foreach (var fact in facts) Facts[fact.Id] = fact;
        return Task.CompletedTask;
    }
}
