using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

public sealed partial class SignInPage
{
    private string _email = "";
    private string _password = "";
    private string _code = "";
    private string? _emailError;
    private string? _passwordError;
    private string? _codeError;
    private string? _failure;
    private bool _asksForCode;
    private bool _isBusy;

    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")] public string? Return { get; set; }

    private string SignUpAddress => Return is null ? "/sign-up" : $"/sign-up?return={Uri.EscapeDataString(Return)}";

    protected override void OnInitialized()
    {
        if (User.Account is not null && User.EndedElsewhereAt is null)
            Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);
    }

    private async Task SubmitAsync()
    {
        if (_isBusy)
            return;
        _failure = _codeError = null;
        _emailError = _email.Trim().Length == 0 ? "Enter the e-mail of your account." : null;
        _passwordError = _password.Length == 0 ? "Enter your password." : null;
        if (_emailError is not null || _passwordError is not null)
        {
            Browser.FocusOn(_emailError is not null ? "#email" : "#password");
            return;
        }

        _isBusy = true;
        var login = new LoginRequest(_email.Trim(), _password, _asksForCode ? _code.Trim() : null);
        var failure = await Attempt.Of(User.SignInAsync(login, CancellationToken.None));
        _isBusy = false;
        if (failure is null)
            Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);
        else
            Show(failure);
    }

    private void Show(Failure failure)
    {
        switch (failure.Code)
        {
            case "invalid_credentials":
                _passwordError = "E-mail and password do not match.";
                Browser.FocusOn("#password");
                break;
            case "totp_required":
                _codeError = _asksForCode ? "This code is not valid, or not any more. Enter the current one." : null;
                _asksForCode = true;
                break;
            case "rate_limited" when failure.RetryAfter is { } wait:
                _failure = $"Too many attempts. Try again in {Words.Countdown(wait)}.";
                break;
            default:
                _failure = failure.Sentence;
                break;
        }
    }
}
