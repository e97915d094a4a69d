using Throughline.Client.Problems;
using Throughline.Client.Runs;
using Throughline.Web.Shell;

namespace Throughline.Web.Threads;

/// <summary>The thread on the screen: reads its log, live, and asks in it.</summary>
public sealed class OpenThread : IDisposable
{
    // A burst of events, as after a reload, is drawn once and not event by event.
    private static readonly TimeSpan BetweenDraws = TimeSpan.FromMilliseconds(33);

    private readonly LiveLine _line;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private bool _isReading;
    private bool _isDrawDue;
    private long _headWhenLost;

    /// <param name="isNew">Whether the thread begins with the first question; there is no log to read before.</param>
    public OpenThread(string threadId, bool isNew, LiveLine line, TimeProvider time)
    {
        (_line, _time) = (line, time);
        View = new ThreadView(threadId);
        IsNew = isNew;
        _line.Changed += LineChanged;
        if (!isNew)
            Read();
    }

    /// <summary>Raised when there is something new to draw, at most thirty times a second.</summary>
    public event Action? Changed;

    /// <summary>Raised once for each run that ends while the thread is open.</summary>
    public event Action<RunView>? RunEnded;

    public ThreadView View { get; }

    public bool IsNew { get; private set; }

    /// <summary>Whether the log has been read up to what is there; until then nothing is known about the thread.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Why the thread cannot be shown.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>The last event before the line was lost, for the notice that nothing was missed.</summary>
    public long HeadWhenLost => _headWhenLost;

    /// <returns>Why the question was refused; its text is the caller's to keep.</returns>
    public async Task<Failure?> AskAsync(string text, IReadOnlyList<Guid> fileIds, string timeZone)
    {
        var question = new Question(text) { ThreadId = View.ThreadId, FileIds = fileIds, TimeZone = timeZone };
        View.Expect(question.Id, text, fileIds, _time.GetLocalNow());
        IsLoaded = true;
        Draw();
        var (_, failure) = await Attempt.Of(_line.Connection.AskAsync(question, _closed.Token));
        if (failure is not null)
        {
            View.Withdraw(question.Id);
            Draw();
            return failure;
        }

        IsNew = false;
        Read();
        return null;
    }

    /// <summary>Approves or declines what a run asks.</summary>
    /// <returns>Why the answer was refused.</returns>
    public async Task<Failure?> AnswerAsync(string interruptId, bool isApproved)
    {
        var (_, failure) = await Attempt.Of(_line.Connection.AnswerAsync(View.ThreadId, interruptId, isApproved, _closed.Token));
        return failure;
    }

    public Task<Failure?> StopAsync() => View.Active is { } run
        ? Attempt.Of(_line.Connection.CancelAsync(run.RunId, _closed.Token))
        : Task.FromResult<Failure?>(null);

    public void Dispose()
    {
        _line.Changed -= LineChanged;
        _closed.Cancel();
        _closed.Dispose();
    }

    private void Read()
    {
        if (_isReading)
            return;
        _isReading = true;
        _ = ReadAsync(_closed.Token);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in _line.Connection.ReadEventsAsync(View.ThreadId, View.Head, cancellationToken))
            {
                var active = View.Active;
                View.Apply(entry);
                IsLoaded = true;
                Draw();
                if (active is { IsOver: true })
                    RunEnded?.Invoke(active);
            }
        }
        catch (OperationCanceledException)
        {
            // The thread was closed.
        }
        catch (ObjectDisposedException)
        {
            // The line was closed with the sign-in.
        }
        catch (ProtocolException refusal)
        {
            Failure = Failure.Of(refusal);
            Draw();
        }
    }

    private void LineChanged()
    {
        if (_line.State.Phase == Client.Connection.ConnectionPhase.Reconnecting && _headWhenLost == 0)
            _headWhenLost = View.Head;
        Draw();
    }

    public void ForgetLoss() => _headWhenLost = 0;

    private void Draw()
    {
        if (_isDrawDue)
            return;
        _isDrawDue = true;
        _ = DrawSoonAsync();
    }

    private async Task DrawSoonAsync()
    {
        await Task.Delay(BetweenDraws, _time);
        _isDrawDue = false;
        Changed?.Invoke();
    }
}
