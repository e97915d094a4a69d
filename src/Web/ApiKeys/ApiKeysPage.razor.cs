using MudBlazor;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.ApiKeys;

/// <summary>The user's keys for scripts; a new one stays on the page until the page is left.</summary>
public sealed partial class ApiKeysPage
{
    private static readonly DialogOptions Narrow = new() { BackdropClick = false, CloseOnEscapeKey = true, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true };

    private IReadOnlyList<ApiKeySummary>? _keys;
    private CreatedApiKey? _created;
    private Failure? _failure;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var (page, failure) = await Attempt.Of(Keys.ListAsync(CancellationToken.None));
        _failure = failure;
        _keys = page is null ? _keys : [.. page.Items.OrderByDescending(key => key.CreatedAt)];
    }

    private async Task CreateAsync()
    {
        var dialog = await Dialogs.ShowAsync<NewKeyDialog>("New API key", Narrow);
        if (await dialog.Result is not { Canceled: false, Data: CreatedApiKey created })
            return;
        _created = created;
        await LoadAsync();
    }

    private async Task RevokeAsync(ApiKeySummary key)
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            $"Revoke {key.Name}?", "Whatever uses it is refused within a second. There is no way back.", yesText: "Revoke", cancelText: "Keep");
        if (sure != true)
            return;
        if (await Attempt.Of(Keys.RevokeAsync(key.Id, CancellationToken.None)) is { } failure)
            Toasts.Show($"{key.Name} still works.", failure.Sentence, isGood: false);
        else if (_created?.Summary.Id == key.Id)
            _created = null;
        await LoadAsync();
    }

    private string Ends(ApiKeySummary key) => key.ExpiresAt switch
    {
        null => "Never",
        { } end when end <= Time.GetUtcNow() => "Ended",
        { } end => Words.DayAndYear(end.ToOffset(Time.GetLocalNow().Offset)),
    };
}
