using MudBlazor;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Security;

/// <summary>How the user signs in: password, authenticator, passkeys.</summary>
public sealed partial class SecurityPage
{
    // What is shown once must not vanish by a click beside it.
    private static readonly DialogOptions Careful = new() { BackdropClick = false, CloseOnEscapeKey = true, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true };

    private AccountFactors? _factors;
    private Failure? _failure;
    private bool _canUsePasskeys;

    protected override async Task OnInitializedAsync()
    {
        _canUsePasskeys = await Passkeys.AreSupportedAsync();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var (factors, failure) = await Attempt.Of(Factors.GetAsync(CancellationToken.None));
        (_factors, _failure) = (factors ?? _factors, failure);
    }

    private async Task ChangePasswordAsync()
    {
        if (await AskAsync<PasswordDialog>())
            Toasts.Show("Your password is changed.", "Every other device was signed out.");
    }

    private Task SetUpAsync() => ThenLoadAsync(AskAsync<TwoStepDialog>());

    private Task RenewCodesAsync() => ThenLoadAsync(AskAsync<RecoveryCodesDialog>());

    private Task TurnOffAsync() => ThenLoadAsync(AskAsync<TwoStepOffDialog>());

    private Task AddPasskeyAsync() => ThenLoadAsync(AskAsync<PasskeyDialog>());

    private async Task RemoveAsync(PasskeySummary passkey)
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            $"Remove {passkey.Name}?", "It signs nobody in here any more. Delete it on the device as well.", yesText: "Remove", cancelText: "Keep");
        if (sure != true)
            return;
        if (await Attempt.Of(Factors.RemovePasskeyAsync(passkey.Id, CancellationToken.None)) is { } failure)
            Toasts.Show("The passkey is still there.", failure.Sentence, isGood: false);
        await LoadAsync();
    }

    private async Task<bool> AskAsync<TDialog>() where TDialog : Microsoft.AspNetCore.Components.IComponent
    {
        var dialog = await Dialogs.ShowAsync<TDialog>("Security", Careful);
        return await dialog.Result is { Canceled: false };
    }

    // However a dialog ended, what it began may have happened.
    private async Task ThenLoadAsync(Task<bool> dialog)
    {
        await dialog;
        await LoadAsync();
    }

    private static string CodesLeft(int count) => count switch
    {
        0 => "No recovery code is left: make new ones.",
        _ => $"{Words.Count(count, "recovery code")} left.",
    };
}
