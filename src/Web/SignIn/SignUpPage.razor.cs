using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

public sealed partial class SignUpPage
{
    private FormState _form = default!;
    private string _name = "";
    private string _email = "";
    private string _password = "";

    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")] public string? Return { get; set; }

    private string SignInAddress => Return is null ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(Return)}";

    protected override Task OnInitializedAsync()
    {
        _form = new FormState(Browser, Time, "name", "email", "password");
        return Server.LoadAsync(CancellationToken.None);
    }

    private async Task SubmitAsync()
    {
        if (await _form.SendAsync(Check, SignUpAsync, Explain))
            Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);
    }

    private void Check()
    {
        if (!_email.Contains('@', StringComparison.Ordinal))
            _form.Wrong("email", "Enter an e-mail, such as maya@northwind.example.");
        if (NewPassword.Check(_password, Server.ShortestPassword) is { } error)
            _form.Wrong("password", error);
    }

    private async Task SignUpAsync()
    {
        var name = _name.Trim();
        var request = new SignUpRequest(_email.Trim(), _password, name.Length == 0 ? null : name);
        await Accounts.SignUpAsync(request, CancellationToken.None);
        await User.SignInAsync(new LoginRequest(request.Email, request.Password), CancellationToken.None);
    }

    private bool Explain(Failure failure)
    {
        if (failure.Code != "email_taken")
            return false;
        _form.Wrong("email", "An account with this e-mail exists. Sign in instead.");
        return true;
    }
}
