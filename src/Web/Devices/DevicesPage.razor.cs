using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Devices;

/// <summary>Where the user is signed in, and the way to end it.</summary>
public sealed partial class DevicesPage
{
    private IReadOnlyList<DeviceSession>? _sessions;
    private Failure? _failure;
    private bool _isBusy;

    private IReadOnlyList<DeviceSession> Others => [.. (_sessions ?? []).Where(session => !session.Current)];

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var (page, failure) = await Attempt.Of(Accounts.ListSessionsAsync(CancellationToken.None));
        _failure = failure;
        // This device first, then the one that was last seen.
        _sessions = page is null ? _sessions : [.. page.Items.OrderByDescending(session => session.Current).ThenByDescending(session => session.LastSeenAt)];
    }

    private async Task RevokeAsync(IReadOnlyList<DeviceSession> sessions)
    {
        _isBusy = true;
        foreach (var session in sessions)
        {
            if (await Attempt.Of(Accounts.RevokeSessionAsync(session.Id, CancellationToken.None)) is not { } failure)
                continue;
            Toasts.Show($"{Device.NameOf(session.UserAgent)} is still signed in.", failure.Sentence, isGood: false);
            break;
        }

        _isBusy = false;
        await LoadAsync();
    }

    private async Task SignOutAsync()
    {
        if (await Attempt.Of(User.SignOutAsync(CancellationToken.None)) is { } failure)
            Toasts.Show("You are still signed in.", failure.Sentence, isGood: false);
    }

    private static string Tier(string tier) => tier.Length == 0 ? tier : char.ToUpperInvariant(tier[0]) + tier[1..] + " tier";
}
