using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Devices;

/// <summary>Where the user is signed in, and the way to end it.</summary>
public sealed partial class DevicesPage
{
    private IReadOnlyList<DeviceSession>? _sessions;
    private Failure? _failure;
    private bool _isBusy;

    private int Others => (_sessions ?? []).Count(session => !session.Current);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var (page, failure) = await Attempt.Of(Accounts.ListSessionsAsync(CancellationToken.None));
        _failure = failure;
        // This device first, then the one that was last seen.
        _sessions = page is null ? _sessions : [.. page.Items.OrderByDescending(session => session.Current).ThenByDescending(session => session.LastSeenAt)];
    }

    private Task SignOutAsync(DeviceSession session) =>
        EndAsync(Accounts.RevokeSessionAsync(session.Id, CancellationToken.None), $"{Device.NameOf(session.UserAgent)} is still signed in.");

    private Task SignOutOthersAsync() => EndAsync(Accounts.RevokeOtherSessionsAsync(CancellationToken.None), "The others are still signed in.");

    private async Task EndAsync(Task call, string stillSignedIn)
    {
        _isBusy = true;
        if (await Attempt.Of(call) is { } failure)
            Toasts.Show(stillSignedIn, failure.Sentence, isGood: false);
        await LoadAsync();
        _isBusy = false;
    }

    private async Task SignOutEverywhereAsync()
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            "Sign out everywhere?", "Every device is signed out within a second, this one too.", yesText: "Sign out everywhere", cancelText: "Stay signed in");
        if (sure != true)
            return;
        _isBusy = true;
        // The others first: afterwards this device could not ask any more.
        var failure = await Attempt.Of(Accounts.RevokeOtherSessionsAsync(CancellationToken.None)) ?? await Attempt.Of(User.SignOutAsync(CancellationToken.None));
        _isBusy = false;
        if (failure is not null)
            Toasts.Show("You are still signed in.", failure.Sentence, isGood: false);
    }
}
