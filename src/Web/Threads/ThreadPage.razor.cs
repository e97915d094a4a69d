using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Throughline.Web.Markdown;
using Throughline.Web.Shell;

namespace Throughline.Web.Threads;

/// <summary>A thread, or without one the page that begins one.</summary>
public sealed partial class ThreadPage
{
    private DotNetObjectReference<ThreadPage>? _self;
    private ElementReference _scroll;
    private Composer? _composer;
    private OpenThread? _thread;
    private string? _askedHere;
    private string? _scrollTo;
    private string? _announcement;
    private bool _isAtEnd = true;
    private bool _wasPlaced;
    private bool _wasFigureOpened;
    private bool _wereFilesKnown;

    /// <summary>Absent on the page that begins a thread.</summary>
    [Parameter] public string? ThreadId { get; set; }

    /// <summary>A figure whose source opens with the page: how a copied link leads to it.</summary>
    [SupplyParameterFromQuery(Name = "figure")] public Guid? FigureId { get; set; }

    private string Title => ThreadId is null ? "New thread"
        : Threads.Find(ThreadId)?.Title is { Length: > 0 } title ? title
        : _thread?.View.Runs is [{ Question: { Length: > 0 } question }, ..] ? question.Split('\n')[0]
        : "Thread";

    protected override void OnInitialized()
    {
        _self = DotNetObjectReference.Create(this);
        _wereFilesKnown = Files.IsLoaded;
        Shortcuts.Pressed += PressedAsync;
        Threads.Changed += Redraw;
        Files.Changed += FilesChanged;
        Line.Recovered += LineRecovered;
    }

    protected override void OnParametersSet()
    {
        if (_thread?.View.ThreadId == ThreadId)
            return;
        Close();
        if (ThreadId is null)
            Files.AttachLatest();
        else
            Open(ThreadId, isNew: false);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            Browser.OnScroll(_scroll, _self!);
        if (_scrollTo is { } run)
        {
            _scrollTo = null;
            Browser.ScrollToRun(_scroll, run);
        }

        OpenLinkedFigure();
    }

    public void Dispose()
    {
        Shortcuts.Pressed -= PressedAsync;
        Threads.Changed -= Redraw;
        Files.Changed -= FilesChanged;
        Line.Recovered -= LineRecovered;
        Close();
        _self?.Dispose();
    }

    [JSInvokable]
    public void AtEndChanged(bool isAtEnd)
    {
        _isAtEnd = isAtEnd;
        StateHasChanged();
    }

    private void Open(string threadId, bool isNew)
    {
        _thread = new OpenThread(threadId, isNew, Line, Time);
        _thread.Changed += ThreadChanged;
        _thread.RunEnded += RunEnded;
        (_askedHere, _wasPlaced, _wasFigureOpened, _announcement) = (null, false, false, null);
    }

    private void Close()
    {
        if (_thread is null)
            return;
        _thread.Changed -= ThreadChanged;
        _thread.RunEnded -= RunEnded;
        _thread.Dispose();
        _thread = null;
        Figures.Close();
    }

    private async Task<Failure?> AskAsync(string text)
    {
        var isNew = _thread is null;
        if (isNew)
            Open(Guid.CreateVersion7(Time.GetUtcNow()).ToString(), isNew: true);
        var thread = _thread!;
        var asking = thread.AskAsync(text, [.. Files.AttachedIds], Browser.TimeZone);
        _askedHere = _scrollTo = thread.View.Active?.RunId;
        _wasPlaced = true;
        Threads.Started(thread.View.ThreadId, text, Time.GetLocalNow());
        if (isNew)
        {
            ThreadId = thread.View.ThreadId;
            Navigation.NavigateTo($"/threads/{ThreadId}");
        }

        StateHasChanged();
        var failure = await asking;
        if (failure is null)
            return null;
        Threads.Ended(thread.View.ThreadId);
        if (isNew && failure.Code != Failure.Abandoned.Code)
            Navigation.NavigateTo("/", replace: true);
        await Threads.RefreshAsync(CancellationToken.None);
        return failure;
    }

    private Task<Failure?> AnswerAsync(string interruptId, bool isApproved) => _thread?.AnswerAsync(interruptId, isApproved) ?? Task.FromResult<Failure?>(null);

    private async Task StopAsync()
    {
        if (_thread is not null && await _thread.StopAsync() is { Code: not "run_not_active" } failure)
            Toasts.Show("The run goes on.", failure.Sentence, isGood: false);
    }

    private void ThreadChanged() => _ = InvokeAsync(() =>
    {
        if (_thread is null)
            return;
        if (!_wasPlaced && _thread.View.Runs is [.., var last])
        {
            _wasPlaced = true;
            _scrollTo = last.RunId;
            Files.Attach(_thread.View.FileIds);
        }

        StateHasChanged();
    });

    private void RunEnded(RunView run) => _ = InvokeAsync(async () =>
    {
        // Said once and whole, not token by token.
        _announcement = run.Status switch
        {
            RunStatus.Failed => $"The run failed. {run.Error?.Message}",
            RunStatus.Cancelled => "The run was stopped.",
            RunStatus.Interrupted => "Your approval is needed: " + string.Join(" ", run.Approvals.Select(approval => approval.Question)),
            _ => "Answer: " + PlainText.Of(run.Markdown),
        };
        Threads.Ended(_thread?.View.ThreadId ?? "");
        await Threads.RefreshAsync(CancellationToken.None);
        if (_composer is not null)
            await _composer.RefreshLimitsAsync();
    });

    private void LineRecovered() => _ = InvokeAsync(() =>
    {
        if (_thread is not { } thread || thread.HeadWhenLost == 0)
            return;
        Toasts.Show("Reconnected. Nothing missed.", $"Resumed after event {Words.Count(thread.HeadWhenLost)}.");
        thread.ForgetLoss();
    });

    private void FilesChanged()
    {
        // A page that was opened before the files were known gets its chips now.
        if (Files.IsLoaded && !_wereFilesKnown)
        {
            _wereFilesKnown = true;
            if (_thread is null)
                Files.AttachLatest();
            else if (Files.AttachedIds.Count == 0)
                Files.Attach(_thread.View.FileIds);
        }

        Redraw();
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private async Task PressedAsync(string name)
    {
        if (name == "escape" && Figures.Open is null && _thread?.View.Active is not null)
            await StopAsync();
    }

    private void OpenLinkedFigure()
    {
        if (_wasFigureOpened || FigureId is not { } figure || _thread?.View.Runs is not [.., { IsOver: true }])
            return;
        _wasFigureOpened = true;
        Browser.OpenFigure(figure);
    }

    private void ToEnd() => Browser.ScrollToEnd(_scroll);

    private void Export()
    {
        if (_thread is not null)
            Browser.Save(ThreadExport.FileName(Title), "text/markdown", ThreadExport.Markdown(Title, _thread.View));
    }

    private async Task RenameAsync()
    {
        var dialog = await Dialogs.ShowAsync<RenameDialog>("Rename", new DialogParameters<RenameDialog> { { x => x.Name, Title } });
        if (await dialog.Result is not { Canceled: false, Data: string title })
            return;
        if (await Threads.RenameAsync(ThreadId!, title, CancellationToken.None) is { } failure)
            Toasts.Show("The thread keeps its name.", failure.Sentence, isGood: false);
    }

    private async Task DeleteAsync()
    {
        var sure = await Dialogs.ShowMessageBoxAsync("Delete this thread?", "Its questions and answers are erased. There is no way back.", yesText: "Delete", cancelText: "Keep");
        if (sure != true)
            return;
        if (await Threads.DeleteAsync(ThreadId!, CancellationToken.None) is { } failure)
            Toasts.Show("The thread was not deleted.", failure.Sentence, isGood: false);
        else
            Navigation.NavigateTo("/");
    }
}
