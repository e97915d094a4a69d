using Throughline.Client.Files;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Actions;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;
using Throughline.Contracts.Files;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Api;

/// <summary>The REST interface under <c>/api</c>: threads and their logs, runs, usage files, facts, limits.</summary>
/// <remarks>
/// Every call throws <see cref="Problems.ProtocolException"/> where the service refuses it, and <see cref="HttpRequestException"/>
/// where it cannot be reached. A token that is refused is renewed and the call repeated once. What belongs to another user is
/// <c>not_found</c>, the same as what does not exist. Asking questions goes over <see cref="Connection.ThreadConnection"/>.
/// </remarks>
/// <param name="http">Its base address is the public origin or the backend's; see <see cref="ThroughlineHttp"/>.</param>
/// <param name="tokens">Who is asking.</param>
public sealed class ThroughlineClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _api = new(http, tokens, time ?? TimeProvider.System);

    /// <summary>One page of the user's threads, the last changed first.</summary>
    /// <param name="query">Words to find in titles and messages; <c>null</c>: all threads.</param>
    /// <param name="cursor"><c>next</c> of the page before; <c>null</c>: the first page.</param>
    /// <param name="limit">Most threads on the page; <c>null</c>: the service's own default.</param>
    public Task<Page<ThreadSummary>> ListThreadsAsync(string? query, string? cursor, int? limit, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With("/api/threads", ("query", query), ("cursor", cursor), ("limit", limit)),
            WireJson.Default.PageThreadSummary, cancellationToken);

    /// <summary>Makes an empty thread. Asking a question with an unknown thread id makes one as well.</summary>
    public Task<ThreadSummary> CreateThreadAsync(CreateThread thread, CancellationToken cancellationToken) =>
        _api.SendAsync(HttpMethod.Post, "/api/threads", thread, WireJson.Default.CreateThread, WireJson.Default.ThreadSummary, cancellationToken);

    public Task<ThreadSummary> GetThreadAsync(string threadId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.Of("/api/threads", threadId), WireJson.Default.ThreadSummary, cancellationToken);

    public Task<ThreadSummary> RenameThreadAsync(string threadId, string title, CancellationToken cancellationToken) =>
        _api.SendAsync(HttpMethod.Patch, Paths.Of("/api/threads", threadId), new RenameThread(title),
            WireJson.Default.RenameThread, WireJson.Default.ThreadSummary, cancellationToken);

    /// <summary>Deletes a thread with its whole log. There is no way back.</summary>
    public Task DeleteThreadAsync(string threadId, CancellationToken cancellationToken) =>
        _api.SendAsync(HttpMethod.Delete, Paths.Of("/api/threads", threadId), cancellationToken);

    /// <summary>One page of a thread's messages in AG-UI's shape, oldest first.</summary>
    public Task<Page<AgUiMessage>> ListMessagesAsync(string threadId, string? cursor, int? limit, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With(Paths.Of("/api/threads", threadId, "messages"), ("cursor", cursor), ("limit", limit)),
            WireJson.Default.PageAgUiMessage, cancellationToken);

    /// <summary>One page of a thread's durable log, in order.</summary>
    /// <param name="after"><c>seq</c> of the last event the caller has; 0 reads from the first.</param>
    /// <param name="limit">At most 1,000.</param>
    /// <remarks>To go on with live events use <see cref="Connection.ThreadConnection.ReadEventsAsync"/>, which needs no paging.</remarks>
    public Task<Page<LoggedEvent>> ListEventsAsync(string threadId, long after, int? limit, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With(Paths.Of("/api/threads", threadId, "events"), ("after", after), ("limit", limit)),
            WireJson.Default.PageLoggedEvent, cancellationToken);

    public Task<Page<RunSummary>> ListRunsAsync(string threadId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.Of("/api/threads", threadId, "runs"), WireJson.Default.PageRunSummary, cancellationToken);

    public Task<RunSummary> GetRunAsync(string runId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.Of("/api/runs", runId), WireJson.Default.RunSummary, cancellationToken);

    /// <summary>Asks a run to stop, as <c>run.cancel</c> does. It ends with outcome <c>cancelled</c> in its thread's log.</summary>
    public Task CancelRunAsync(string runId, CancellationToken cancellationToken) =>
        _api.SendAsync(HttpMethod.Post, Paths.Of("/api/runs", runId, "cancel"), cancellationToken);

    /// <summary>Uploads usage data and waits for its import. The bytes are streamed, never held whole.</summary>
    /// <param name="name">File name; its ending helps to tell the format.</param>
    /// <param name="content">Read once from where it stands; not disposed. At most 2 GiB, plain or gzip.</param>
    /// <param name="progress">Bytes sent so far. The import begins when all are sent.</param>
    /// <remarks>A browser's fetch streams a request body over HTTP/2 only and else collects it in memory: there, send large files
    /// with <c>XMLHttpRequest</c> and a <c>FormData</c> holding the file. A refused token is renewed but an upload that cannot be
    /// rewound is not repeated.</remarks>
    /// <exception cref="Problems.ProtocolException">The file is empty, too large, truncated or in no known format: the code and detail say which.</exception>
    public Task<UsageFile> UploadFileAsync(string name, Stream content, IProgress<long>? progress, CancellationToken cancellationToken) =>
        FileUpload.SendAsync(_api, tokens, name, content, progress, cancellationToken);

    public Task<Page<UsageFile>> ListFilesAsync(string? cursor, int? limit, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With("/api/files", ("cursor", cursor), ("limit", limit)), WireJson.Default.PageUsageFile, cancellationToken);

    public Task<UsageFile> GetFileAsync(Guid fileId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.Of("/api/files", $"{fileId}"), WireJson.Default.UsageFile, cancellationToken);

    /// <summary>Has the service write sample usage data for this user, with a jump to explain, and reads it like an upload.</summary>
    public Task<UsageFile> CreateSampleFileAsync(CancellationToken cancellationToken) =>
        _api.ReadAsync(HttpMethod.Post, "/api/files/sample", null, WireJson.Default.UsageFile, cancellationToken);

    public Task DeleteFileAsync(Guid fileId, CancellationToken cancellationToken) =>
        _api.SendAsync(HttpMethod.Delete, Paths.Of("/api/files", $"{fileId}"), cancellationToken);

    /// <summary>Where a figure comes from: how it was computed, from which rows, at which prices.</summary>
    public Task<Fact> GetFactAsync(Guid factId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.Of("/api/facts", $"{factId}"), WireJson.Default.Fact, cancellationToken);

    /// <summary>As <see cref="GetFactAsync"/>, computed once more from the stored rows: <see cref="Fact.Recomputes"/> says whether the figure holds.</summary>
    public Task<Fact> RecomputeFactAsync(Guid factId, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With(Paths.Of("/api/facts", $"{factId}"), ("recompute", "true")), WireJson.Default.Fact, cancellationToken);

    /// <summary>The approved budget, of which there is one at most. Cost answers compare spend with it.</summary>
    public Task<Page<Budget>> ListBudgetsAsync(CancellationToken cancellationToken) => _api.GetAsync("/api/budgets", WireJson.Default.PageBudget, cancellationToken);

    /// <summary>Takes back the monthly budget; does nothing where none is set.</summary>
    public Task DeleteBudgetAsync(CancellationToken cancellationToken) => _api.SendAsync(HttpMethod.Delete, "/api/budgets/month", cancellationToken);

    /// <summary>The approved alerts: at most one for the day and one for the month.</summary>
    public Task<Page<Alert>> ListAlertsAsync(CancellationToken cancellationToken) => _api.GetAsync("/api/alerts", WireJson.Default.PageAlert, cancellationToken);

    /// <param name="per"><c>day</c> or <c>month</c>.</param>
    public Task DeleteAlertAsync(string per, CancellationToken cancellationToken) => _api.SendAsync(HttpMethod.Delete, Paths.Of("/api/alerts", per), cancellationToken);

    /// <summary>Files that approved actions wrote, newest first.</summary>
    public Task<Page<Document>> ListDocumentsAsync(string? cursor, int? limit, CancellationToken cancellationToken) =>
        _api.GetAsync(Paths.With("/api/documents", ("cursor", cursor), ("limit", limit)), WireJson.Default.PageDocument, cancellationToken);

    /// <summary>A written file's text.</summary>
    public async Task<string> ReadDocumentAsync(Guid id, CancellationToken cancellationToken)
    {
        using var answer = await _api.AnswerAsync(HttpMethod.Get, Paths.Of("/api/documents", $"{id}"), null, null, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    public Task DeleteDocumentAsync(Guid id, CancellationToken cancellationToken) => _api.SendAsync(HttpMethod.Delete, Paths.Of("/api/documents", $"{id}"), cancellationToken);

    public Task<LimitReport> GetLimitsAsync(CancellationToken cancellationToken) =>
        _api.GetAsync("/api/limits", WireJson.Default.LimitReport, cancellationToken);

    public Task<Page<BreakerState>> ListBreakersAsync(CancellationToken cancellationToken) =>
        _api.GetAsync("/api/breakers", WireJson.Default.PageBreakerState, cancellationToken);

    /// <summary>The backend's replica of the signed-in user. The original is <see cref="Accounts.AccountClient.GetAsync"/>.</summary>
    public Task<Account> GetMeAsync(CancellationToken cancellationToken) =>
        _api.GetAsync("/api/me", WireJson.Default.Account, cancellationToken);

    /// <summary>A ticket that opens one socket within 30 seconds.</summary>
    public Task<WebSocketTicket> CreateTicketAsync(CancellationToken cancellationToken) =>
        _api.ReadAsync(HttpMethod.Post, "/api/ws-tickets", null, WireJson.Default.WebSocketTicket, cancellationToken);
}
