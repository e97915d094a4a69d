using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

/// <summary>E-mail and password, then the second factor where there is one; or a passkey, which is both.</summary>
public sealed partial class SignInPage
{
    private FormState _form = default!;
    private string _email = "";
    private string _password = "";
    private string _code = "";
    private bool _asksForCode;
    private bool _isRecovery;
    private bool _canUsePasskeys;
    private string? _toFocus;

    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")] public string? Return { get; set; }

    private string SignUpAddress => Return is null ? "/sign-up" : $"/sign-up?return={Uri.EscapeDataString(Return)}";

    protected override async Task OnInitializedAsync()
    {
        _form = new FormState(Browser, Time, "email", "password", "totp");
        if (User.Account is not null && User.EndedElsewhereAt is null)
            Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);
        else
            _canUsePasskeys = await Passkeys.AreSupportedAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_toFocus is { } field)
            Browser.FocusOn(field);
        _toFocus = null;
    }

    private async Task SubmitAsync()
    {
        var login = new LoginRequest(_email.Trim(), _password, _asksForCode ? _code.Trim() : null);
        if (await _form.SendAsync(Check, () => User.SignInAsync(login, CancellationToken.None), Explain))
            GoOn();
    }

    private async Task UsePasskeyAsync()
    {
        if (await _form.SendAsync(() => { }, () => Passkeys.SignInAsync(CancellationToken.None)))
            GoOn();
    }

    private void GoOn() => Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);

    private void Check()
    {
        if (_email.Trim().Length == 0)
            _form.Wrong("email", "Enter the e-mail of your account.");
        if (_password.Length == 0)
            _form.Wrong("password", "Enter your password.");
        if (_asksForCode && _code.Trim().Length == 0)
            _form.Wrong("totp", _isRecovery ? "Enter one of your recovery codes." : "Enter the six digits.");
    }

    private bool Explain(Failure failure)
    {
        switch (failure.Code)
        {
            case "totp_required" when !_asksForCode:
                (_asksForCode, _toFocus) = (true, "#totp");
                return true;
            case "totp_required" or "invalid_credentials" when _asksForCode:
                _form.Wrong("totp", _isRecovery ? "This is none of your recovery codes, or it was used." : "This code is not valid, or not any more. Enter the current one.");
                return true;
            case "invalid_credentials":
                _form.Wrong("password", "E-mail and password do not match.");
                return true;
            default:
                return false;
        }
    }

    private void SwitchCode()
    {
        (_isRecovery, _code, _toFocus) = (!_isRecovery, "", "#totp");
        _form.Clear();
    }

    private void StartOver()
    {
        (_asksForCode, _isRecovery, _password, _code, _toFocus) = (false, false, "", "", "#email");
        _form.Clear();
    }
}
