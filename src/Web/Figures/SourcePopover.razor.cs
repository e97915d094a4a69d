using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Throughline.Contracts.Facts;
using Throughline.Web.Shell;

namespace Throughline.Web.Figures;

/// <summary>The source of the figure that is open: the line from the printed value to the rows of the file.</summary>
public sealed partial class SourcePopover
{
    private static readonly TimeSpan BeforeSkeleton = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan BeforeClosing = TimeSpan.FromMilliseconds(300);

    private DotNetObjectReference<SourcePopover>? _self;
    private IJSInProcessObjectReference? _placement;
    private ElementReference _element;
    private ElementReference _lead;
    private OpenFigure? _open;
    private OpenFigure? _placed;
    private Fact? _fact;
    private string? _failure;
    private bool _showSkeleton;
    private bool _showRows;

    protected override void OnInitialized()
    {
        _self = DotNetObjectReference.Create(this);
        Board.Changed += BoardChanged;
    }

    public void Dispose()
    {
        Board.Changed -= BoardChanged;
        StopPlacing();
        _self?.Dispose();
    }

    /// <param name="returnFocus">Whether focus goes back to the figure: yes for Escape, no for a click elsewhere.</param>
    [JSInvokable]
    public void Dismiss(bool returnFocus)
    {
        if (Board.Open is not { } open)
            return;
        Board.Close();
        if (returnFocus && open.IsPinned)
            Browser.Focus(open.Anchor);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (ReferenceEquals(_placed, _open))
            return;
        var before = _placed;
        _placed = _open;
        if (_open is null)
            return;
        if (before is null || !ReferenceEquals(before.AnchorId, _open.AnchorId))
        {
            StopPlacing();
            _placement = Browser.KeepSourcePlaced(_open.Anchor, _element, _lead, _self!);
        }

        if (_open.IsPinned)
            Browser.Focus(_element);
    }

    private void BoardChanged() => _ = InvokeAsync(async () =>
    {
        if (ReferenceEquals(_open, Board.Open))
            return;
        var isOther = _open?.FactId != Board.Open?.FactId;
        _open = Board.Open;
        if (_open is null)
        {
            _placed = null;
            StopPlacing();
            StateHasChanged();
            return;
        }

        StateHasChanged();
        if (isOther || _fact is null)
            await LoadAsync();
    });

    private async Task LoadAsync()
    {
        var factId = _open!.FactId;
        (_failure, _showSkeleton, _showRows) = (null, false, false);
        _fact = Facts.Known(factId);
        if (_fact is null)
            await FetchAsync(factId);
        else
            StateHasChanged();
        if (_fact is { Recomputes: null } && _open?.FactId == factId)
            await RecomputeAsync(factId);
    }

    private async Task FetchAsync(Guid factId)
    {
        var loading = Facts.GetAsync(factId, CancellationToken.None);
        if (await Task.WhenAny(loading, Task.Delay(BeforeSkeleton, Time)) != loading && _open?.FactId == factId)
        {
            _showSkeleton = true;
            StateHasChanged();
        }

        var (fact, failure) = await Attempt.Of(loading);
        if (_open?.FactId != factId)
            return;
        (_fact, _failure) = (fact, failure?.Sentence);
        StateHasChanged();
    }

    /// <summary>The source is readable at once; whether the figure still holds is added when it is known.</summary>
    private async Task RecomputeAsync(Guid factId)
    {
        var (fact, _) = await Attempt.Of(Facts.RecomputeAsync(factId, CancellationToken.None));
        if (fact is null || _open?.FactId != factId)
            return;
        _fact = fact;
        StateHasChanged();
    }

    private async Task LeftAsync()
    {
        Board.IsPointedAt = false;
        await Task.Delay(BeforeClosing, Time);
        if (Board.Open is { IsPinned: false } && !Board.IsPointedAt)
            Board.Close();
    }

    private async Task CopyLinkAsync()
    {
        var path = _fact!.ThreadId is { } thread ? $"threads/{Uri.EscapeDataString(thread)}?figure={_fact.Id}" : "";
        var copied = await Browser.CopyAsync(Navigation.ToAbsoluteUri(path).ToString());
        Toasts.Show(copied ? "Link copied." : "The browser did not allow copying.", null, copied);
    }

    private void StopPlacing()
    {
        _placement?.InvokeVoid("stop");
        _placement?.Dispose();
        _placement = null;
    }
}
