using System.Data.Common;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

/// <summary>What one writer wants appended: entries, and rows that must become true in the same transaction.</summary>
/// <param name="ExpectedHead">The thread's head before the first entry. Another head means another writer: nothing is appended.</param>
/// <param name="NewThread">The title to create the thread with, where it does not exist yet.</param>
internal sealed record LogAppend(
    ThreadKey Key, long ExpectedHead, IReadOnlyList<LogEntry> Entries, IReadOnlyList<ILogWrite> Writes, string? NewThread)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done once it is durable.</summary>
    public Task Completion => _done.Task;

    public long LastSeq => ExpectedHead + Entries.Count;

    public void Succeed() => _done.TrySetResult();

    public void Fail(Exception exception) => _done.TrySetException(exception);
}

/// <summary>A change that is written with log entries, or not at all.</summary>
internal interface ILogWrite
{
    Task ExecuteAsync(LogTransaction transaction);
}

/// <param name="FirstSeq">Of the entries in the same append; with none, the next one's.</param>
/// <param name="LastSeq">Of the entries in the same append; with none, the head.</param>
internal sealed record LogTransaction(DbConnection Connection, ThreadKey Key, long ThreadNo, long FirstSeq, long LastSeq, DateTimeOffset Now, CancellationToken CancellationToken);

/// <summary>Nothing was appended, or it is not known whether it was; the writer has to read the head again.</summary>
internal sealed class AppendFailedException(string message, Exception? inner) : Exception(message, inner), IUnavailable;

/// <summary>The thread is gone.</summary>
internal sealed class ThreadDeletedException() : Exception("The thread was deleted.");
