using MudBlazor;
using Throughline.Web.Figures;
using Throughline.Web.SignIn;
using Throughline.Web.Threads;

namespace Throughline.Web.Shell;

/// <summary>Rail, page and what lies over both. Signed out, it leads to the sign-in page and back.</summary>
public sealed partial class MainLayout
{
    private static readonly DialogOptions Narrow = new() { CloseOnEscapeKey = true, MaxWidth = MaxWidth.Small, FullWidth = true };

    private SourcePopover? _source;
    private bool _isRailOpen;
    private bool _isStarted;

    protected override void OnInitialized()
    {
        User.Changed += Redraw;
        Files.Changed += Redraw;
        Shortcuts.Pressed += PressedAsync;
        Navigation.LocationChanged += LocationChanged;
        Shortcuts.Listen();
        Files.Listen();
        Begin();
    }

    public void Dispose()
    {
        User.Changed -= Redraw;
        Files.Changed -= Redraw;
        Shortcuts.Pressed -= PressedAsync;
        Navigation.LocationChanged -= LocationChanged;
    }

    private void Begin()
    {
        if (User.Account is null)
        {
            _isStarted = false;
            if (User.Unknown is null && User.EndedElsewhereAt is null && !User.IsErased)
                Navigation.NavigateTo(ReturnPath.SignIn(Navigation), replace: true);
            return;
        }

        if (_isStarted)
            return;
        _isStarted = true;
        Line.Start();
        _ = Threads.RefreshAsync(CancellationToken.None);
        _ = Files.RefreshAsync(CancellationToken.None);
    }

    private void Redraw() => _ = InvokeAsync(() =>
    {
        Begin();
        StateHasChanged();
    });

    private void LocationChanged(object? sender, Microsoft.AspNetCore.Components.Routing.LocationChangedEventArgs e)
    {
        Figures.Close();
        CloseRail();
        StateHasChanged();
    }

    private async Task PressedAsync(string name)
    {
        if (User.Account is null)
            return;
        switch (name)
        {
            case "search":
                await SearchAsync();
                break;
            case "new-thread":
                Navigation.NavigateTo("/");
                break;
            case "thread-above" or "thread-below":
                if (Threads.Next(CurrentThread, name == "thread-below" ? 1 : -1) is { } next)
                    Navigation.NavigateTo($"/threads/{Uri.EscapeDataString(next.Id)}");
                break;
            case "composer":
                SkipToComposer();
                break;
            case "attach":
                Files.Pick();
                break;
            case "shortcuts":
                await ShowShortcutsAsync();
                break;
            case "escape" when Figures.Open is not null:
                _source?.Dismiss(returnFocus: true);
                break;
            case "escape" when _isRailOpen:
                CloseRail();
                Browser.FocusOn(".open-rail");
                break;
        }
    }

    private string? CurrentThread
    {
        get
        {
            var path = Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0];
            return path.StartsWith("threads/", StringComparison.Ordinal) ? Uri.UnescapeDataString(path["threads/".Length..]) : null;
        }
    }

    private bool HasComposer => Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0] is "" || CurrentThread is not null;

    private string SkipTarget => HasComposer ? "question" : "page";

    private async Task SearchAsync() => await Dialogs.ShowAsync<SearchDialog>("Search", Narrow);

    private async Task ShowShortcutsAsync() => await Dialogs.ShowAsync<ShortcutDialog>("Keyboard", Narrow);

    private void SkipToComposer() => Browser.FocusOn("#question");

    private void OpenRail()
    {
        _isRailOpen = true;
        StateHasChanged();
        Browser.FocusOn(".rail .wordmark");
    }

    private void CloseRail()
    {
        if (!_isRailOpen)
            return;
        _isRailOpen = false;
        StateHasChanged();
    }
}
