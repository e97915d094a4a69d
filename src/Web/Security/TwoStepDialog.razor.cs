using Microsoft.AspNetCore.Components;
using MudBlazor;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Security;

/// <summary>Sets up the second factor: the password, then the secret and its first code, then the recovery codes.</summary>
public sealed partial class TwoStepDialog
{
    private FormState _form = default!;
    private string _password = "";
    private string _code = "";
    private TotpSetup? _setup;
    private RecoveryCodes? _codes;
    private string? _toFocus;

    [CascadingParameter] private IMudDialogInstance Dialog { get; set; } = default!;

    protected override void OnInitialized() => _form = new FormState(Browser, Time, "password", "code");

    protected override void OnAfterRender(bool firstRender)
    {
        if (_toFocus is { } field)
            Browser.FocusOn(field);
        _toFocus = null;
    }

    private async Task BeginAsync()
    {
        var isBegun = await _form.SendAsync(
            () => ProvenPassword.Check(_password, _form),
            async () => _setup = await Factors.BeginTotpAsync(new PasswordProof(_password), CancellationToken.None),
            failure => ProvenPassword.Explain(failure, _form));
        if (isBegun)
            (_password, _toFocus) = ("", "#code");
    }

    private Task<bool> ConfirmAsync() => _form.SendAsync(
        () =>
        {
            if (_code.Trim().Length == 0)
                _form.Wrong("code", "Enter the six digits that the app shows.");
        },
        async () => _codes = await Factors.ConfirmTotpAsync(new TotpCode(_code.Trim()), CancellationToken.None),
        failure =>
        {
            if (failure.Code is not ("invalid_credentials" or "totp_required"))
                return false;
            _form.Wrong("code", "This code is not valid. Check the clock of your phone, and enter the current one.");
            return true;
        });

    /// <summary>Four letters at a time are typed without a slip.</summary>
    private static string Grouped(string secret) => string.Join(' ', secret.Chunk(4).Select(letters => new string(letters)));
}
