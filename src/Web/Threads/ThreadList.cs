using Throughline.Client.Api;
using Throughline.Contracts.Threads;
using Throughline.Web.Shell;
using Throughline.Web.SignIn;

namespace Throughline.Web.Threads;

/// <summary>The user's threads, the last changed first.</summary>
public sealed class ThreadList : IDisposable
{
    private const int PageSize = 50;

    private readonly ThroughlineClient _client;
    private readonly SignedInUser _user;
    private readonly List<ThreadSummary> _items = [];
    private readonly HashSet<string> _running = [];
    private readonly Edition _edition = new();
    private string? _next;

    public ThreadList(ThroughlineClient client, SignedInUser user)
    {
        (_client, _user) = (client, user);
        _user.Changed += UserChanged;
    }

    public event Action? Changed;

    public IReadOnlyList<ThreadSummary> Items => _items;

    public bool HasMore => _next is not null;

    public bool IsLoaded { get; private set; }

    public Failure? Failure { get; private set; }

    public ThreadSummary? Find(string threadId) => _items.Find(thread => thread.Id == threadId);

    public bool IsRunning(string threadId) => _running.Contains(threadId);

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var (page, failure) = await _edition.ReadAsync(() => _client.ListThreadsAsync(null, null, PageSize, cancellationToken), () => _user.Account is not null);
        if (failure == Failure.Abandoned)
            return;
        Failure = failure;
        if (page is not null)
        {
            // What was started here a moment ago may not be on the page yet.
            var started = _items.Where(thread => _running.Contains(thread.Id) && page.Items.All(known => known.Id != thread.Id)).ToList();
            _items.Clear();
            _items.AddRange(started);
            _items.AddRange(page.Items);
            _next = page.Next;
            IsLoaded = true;
        }

        Changed?.Invoke();
    }

    public async Task LoadMoreAsync(CancellationToken cancellationToken)
    {
        if (_next is null)
            return;
        var (page, failure) = await _edition.ReadAsync(() => _client.ListThreadsAsync(null, _next, PageSize, cancellationToken), () => _user.Account is not null);
        if (failure == Failure.Abandoned)
            return;
        Failure = failure;
        if (page is not null)
        {
            _items.AddRange(page.Items.Where(thread => Find(thread.Id) is null));
            _next = page.Next;
        }

        Changed?.Invoke();
    }

    /// <summary>Shows a thread at the top at once, before the service's list has it.</summary>
    public void Started(string threadId, string question, DateTimeOffset at)
    {
        _edition.Changed();
        _running.Add(threadId);
        var known = Find(threadId);
        _items.RemoveAll(thread => thread.Id == threadId);
        _items.Insert(0, known is null ? new ThreadSummary(threadId, TitleOf(question), at, at, 0) : known with { UpdatedAt = at });
        Changed?.Invoke();
    }

    public void Ended(string threadId)
    {
        if (_running.Remove(threadId))
            Changed?.Invoke();
    }

    public async Task<Failure?> RenameAsync(string threadId, string title, CancellationToken cancellationToken)
    {
        var (renamed, failure) = await Attempt.Of(_client.RenameThreadAsync(threadId, title, cancellationToken));
        if (renamed is not null && _items.FindIndex(thread => thread.Id == threadId) is >= 0 and var place)
        {
            _edition.Changed();
            _items[place] = renamed;
            Changed?.Invoke();
        }

        return failure;
    }

    public async Task<Failure?> DeleteAsync(string threadId, CancellationToken cancellationToken)
    {
        var failure = await Attempt.Of(_client.DeleteThreadAsync(threadId, cancellationToken));
        if (failure is null)
        {
            _edition.Changed();
            _items.RemoveAll(thread => thread.Id == threadId);
            Changed?.Invoke();
        }

        return failure;
    }

    /// <summary>The thread above or below, as the list stands.</summary>
    public ThreadSummary? Next(string? threadId, int step)
    {
        var place = _items.FindIndex(thread => thread.Id == threadId);
        if (place < 0)
            return step > 0 ? _items.FirstOrDefault() : null;
        return _items.ElementAtOrDefault(place + step);
    }

    public void Dispose() => _user.Changed -= UserChanged;

    private static string TitleOf(string question)
    {
        var line = question.Split('\n')[0].Trim();
        return line.Length <= 80 ? line : line[..79].TrimEnd() + "…";
    }

    private void UserChanged()
    {
        if (_user.Account is not null)
            return;
        _edition.Changed();
        _items.Clear();
        _running.Clear();
        (_next, IsLoaded, Failure) = (null, false, null);
    }
}
