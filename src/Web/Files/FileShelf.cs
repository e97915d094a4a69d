using System.Text.Json;
using Microsoft.JSInterop;
using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Files;
using Throughline.Web.Shell;
using Throughline.Web.SignIn;

namespace Throughline.Web.Files;

/// <summary>The user's usage files: those the server has, those on their way, and those attached to the next question.</summary>
public sealed class FileShelf : IDisposable
{
    private const long LargestBytes = 2L * 1024 * 1024 * 1024;

    private readonly ThroughlineClient _client;
    private readonly IAccessTokenSource _tokens;
    private readonly Browser _browser;
    private readonly SignedInUser _user;
    private readonly TimeProvider _time;
    private readonly DotNetObjectReference<FileShelf> _self;
    private readonly List<UsageFile> _files = [];
    private readonly List<Upload> _uploads = [];
    private readonly List<Guid> _attached = [];
    private readonly Edition _edition = new();
    private IJSInProcessObjectReference? _window;

    public FileShelf(ThroughlineClient client, IAccessTokenSource tokens, Browser browser, SignedInUser user, TimeProvider time)
    {
        (_client, _tokens, _browser, _user, _time) = (client, tokens, browser, user, time);
        _self = DotNetObjectReference.Create(this);
        _user.Changed += UserChanged;
    }

    public event Action? Changed;

    /// <summary>The latest first.</summary>
    public IReadOnlyList<UsageFile> Files => _files;

    public IReadOnlyList<Upload> Uploads => _uploads;

    public bool IsLoaded { get; private set; }

    public Failure? Failure { get; private set; }

    /// <summary>Whether files are being dragged over the window.</summary>
    public bool IsDraggedOver { get; private set; }

    /// <summary>What goes with the next question.</summary>
    public IReadOnlyList<Guid> AttachedIds => _attached;

    public IEnumerable<UsageFile> Attached => _attached.Select(Find).OfType<UsageFile>();

    public UsageFile? Find(Guid fileId) => _files.Find(file => file.Id == fileId);

    public void Listen() => _window ??= _browser.AttachFiles(_self);

    public void Pick() => _window?.InvokeVoid("pick");

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var (page, failure) = await _edition.ReadAsync(() => _client.ListFilesAsync(null, null, cancellationToken), () => _user.Account is not null);
        if (failure == Failure.Abandoned)
            return;
        Failure = failure;
        if (page is not null)
        {
            _files.Clear();
            _files.AddRange(page.Items.OrderByDescending(file => file.CreatedAt));
            _attached.RemoveAll(id => Find(id) is null);
            IsLoaded = true;
        }

        Changed?.Invoke();
    }

    public void Attach(IEnumerable<Guid> fileIds)
    {
        _attached.Clear();
        _attached.AddRange(fileIds.Where(id => Find(id) is not null).Distinct());
        Changed?.Invoke();
    }

    /// <summary>A new question is about the latest file, unless something else is attached already.</summary>
    public void AttachLatest()
    {
        if (_attached.Count == 0 && _files is [var latest, ..])
            Attach([latest.Id]);
    }

    public void Detach(Guid fileId)
    {
        _attached.Remove(fileId);
        Changed?.Invoke();
    }

    public void Dismiss(Upload upload)
    {
        _uploads.Remove(upload);
        Changed?.Invoke();
    }

    public void Cancel(Upload upload) => _browser.CancelUpload(upload.Id);

    /// <summary>Has the server write usage data with a jump to explain, and attaches it.</summary>
    public async Task<Failure?> AddSampleAsync(CancellationToken cancellationToken)
    {
        var (file, failure) = await Attempt.Of(_client.CreateSampleFileAsync(cancellationToken));
        if (file is not null)
            Arrived(file);
        return failure;
    }

    public async Task<Failure?> DeleteAsync(Guid fileId, CancellationToken cancellationToken)
    {
        var failure = await Attempt.Of(_client.DeleteFileAsync(fileId, cancellationToken));
        if (failure is null)
        {
            _edition.Changed();
            _files.RemoveAll(file => file.Id == fileId);
            Detach(fileId);
        }

        return failure;
    }

    [JSInvokable]
    public async Task FileOfferedAsync(int id, string name, long sizeBytes)
    {
        if (_user.Account is null)
            return;
        var upload = new Upload(id, name, sizeBytes, _time.GetUtcNow());
        _uploads.Insert(0, upload);
        if (sizeBytes > LargestBytes)
            upload.Failure = new Failure("file_too_large", $"It has {Words.Bytes(sizeBytes)}; 2 GiB is the most. Compress it with gzip, or split it by month.");
        else if (sizeBytes == 0)
            upload.Failure = new Failure("file_empty", "The file is empty. Export it again and drop it here.");
        Changed?.Invoke();
        if (upload.IsUnderWay)
            await SendAsync(upload);
        Changed?.Invoke();
    }

    [JSInvokable]
    public void UploadProgress(int id, long sentBytes, long totalBytes)
    {
        _uploads.Find(upload => upload.Id == id)?.Sent(sentBytes, _time.GetUtcNow());
        Changed?.Invoke();
    }

    [JSInvokable]
    public void DragChanged(bool isOver)
    {
        IsDraggedOver = isOver && _user.Account is not null;
        Changed?.Invoke();
    }

    public void Dispose()
    {
        _user.Changed -= UserChanged;
        _window?.InvokeVoid("stop");
        _window?.Dispose();
        _self.Dispose();
    }

    private async Task SendAsync(Upload upload)
    {
        var (token, failure) = await Attempt.Of(_tokens.GetAsync(CancellationToken.None).AsTask());
        if (token is null)
        {
            upload.Failure = failure ?? new Failure("signed_out", "You are signed out. Sign in and drop the file again.");
            return;
        }

        var (status, body) = await _browser.UploadAsync(upload.Id, "/api/files", token, _self);
        switch (status)
        {
            case -1:
                _uploads.Remove(upload);
                break;
            case 201 when Read(body, WireJson.Default.UsageFile) is { } file:
                upload.File = file;
                Arrived(file);
                break;
            case 0:
                upload.Failure = Failure.Unreachable;
                break;
            default:
                var problem = Read(body, WireJson.Default.ProblemDocument);
                upload.Failure = new Failure(problem?.Code ?? $"http_{status}", Sentence(problem?.Title, problem?.Detail) ?? $"The server answered {status}. Try again.", problem?.TraceId);
                break;
        }
    }

    private void Arrived(UsageFile file)
    {
        _edition.Changed();
        _files.RemoveAll(known => known.Id == file.Id);
        _files.Insert(0, file);
        _attached.Remove(file.Id);
        _attached.Add(file.Id);
        Changed?.Invoke();
    }

    private static string? Sentence(string? title, string? detail) =>
        string.Join(" ", new[] { title, detail }.Where(part => !string.IsNullOrWhiteSpace(part))) is { Length: > 0 } sentence ? sentence : null;

    private static T? Read<T>(string body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null; // a proxy's page instead of an answer: the status alone has to do
        }
    }

    private void UserChanged()
    {
        if (_user.Account is not null)
            return;
        _edition.Changed();
        _files.Clear();
        _attached.Clear();
        foreach (var upload in _uploads.Where(upload => upload.IsUnderWay))
            Cancel(upload);
        _uploads.Clear();
        IsLoaded = false;
    }
}
