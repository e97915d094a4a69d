using Microsoft.AspNetCore.Components;

namespace Throughline.Web.Figures;

/// <summary>A figure in a text, chart or table: a line that ends in a node, its source.</summary>
public sealed partial class FigureReference
{
    private static readonly TimeSpan BeforeOpening = TimeSpan.FromMilliseconds(350);
    private static readonly TimeSpan BeforeClosing = TimeSpan.FromMilliseconds(300);

    private readonly object _anchorId = new();
    private ElementReference _element;
    private CancellationTokenSource? _hover;
    private bool _wasOpen;
    private bool _isPointedAt;

    [Parameter, EditorRequired] public Guid FactId { get; set; }

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>Set inside an open source: following a figure there changes what it shows.</summary>
    [CascadingParameter(Name = "InSource")] public bool IsInSource { get; set; }

    private bool IsOpen => ReferenceEquals(Board.Open?.AnchorId, _anchorId);

    protected override void OnInitialized() => Board.Changed += BoardChanged;

    public void Dispose()
    {
        Board.Changed -= BoardChanged;
        _hover?.Cancel();
        _hover?.Dispose();
        if (IsOpen)
            Board.Close();
    }

    private void BoardChanged()
    {
        if (_wasOpen == IsOpen)
            return;
        _wasOpen = IsOpen;
        StateHasChanged();
    }

    private void Click()
    {
        _hover?.Cancel();
        if (IsInSource)
            Board.Follow(FactId, Text);
        else if (IsOpen && Board.Open!.IsPinned)
            Board.Close();
        else
            Board.Show(Opened(isPinned: true));
    }

    // By movement and not by entering: an answer that moves under a pointer at rest is not a person who points.
    private async Task PointAsync()
    {
        if (_isPointedAt)
            return;
        _isPointedAt = true;
        if (IsInSource || Board.Open?.IsPinned == true || !await HeldAsync(BeforeOpening))
            return;
        if (Board.Open is null or { IsPinned: false } && !IsOpen)
            Board.Show(Opened(isPinned: false));
    }

    private async Task LeaveAsync()
    {
        _isPointedAt = false;
        if (await HeldAsync(BeforeClosing) && IsOpen && !Board.Open!.IsPinned && !Board.IsPointedAt)
            Board.Close();
    }

    private async Task<bool> HeldAsync(TimeSpan time)
    {
        _hover?.Cancel();
        _hover?.Dispose();
        var hover = _hover = new CancellationTokenSource();
        try
        {
            await Task.Delay(time, Time, hover.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false; // the pointer moved on
        }
    }

    private OpenFigure Opened(bool isPinned) => new(FactId, Text, _element, _anchorId, isPinned);
}
