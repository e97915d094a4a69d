using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

public sealed partial class SignUpPage
{
    private const int ShortestPassword = 12;

    private readonly Dictionary<string, string> _errors = [];
    private string _name = "";
    private string _email = "";
    private string _password = "";
    private string? _failure;
    private bool _isBusy;

    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")] public string? Return { get; set; }

    private string SignInAddress => Return is null ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(Return)}";

    private async Task SubmitAsync()
    {
        if (_isBusy)
            return;
        _failure = null;
        _errors.Clear();
        if (!_email.Contains('@', StringComparison.Ordinal))
            _errors["email"] = "Enter an e-mail, such as maya@northwind.example.";
        if (_password.Length < ShortestPassword)
            _errors["password"] = $"{Words.Count(_password.Length, "character")}. {ShortestPassword} is the least.";
        if (_errors.Count > 0)
        {
            FocusOnFirstError();
            return;
        }

        _isBusy = true;
        var failure = await SignUpAsync();
        _isBusy = false;
        if (failure is null)
            Navigation.NavigateTo(ReturnPath.Local(Return), replace: true);
        else
            Show(failure);
    }

    private async Task<Failure?> SignUpAsync()
    {
        var name = _name.Trim();
        var request = new SignUpRequest(_email.Trim(), _password, name.Length == 0 ? null : name);
        var (_, failure) = await Attempt.Of(Accounts.SignUpAsync(request, CancellationToken.None));
        return failure ?? await Attempt.Of(User.SignInAsync(new LoginRequest(request.Email, request.Password), CancellationToken.None));
    }

    private void Show(Failure failure)
    {
        foreach (var (field, messages) in failure.Errors ?? new Dictionary<string, string[]>())
            _errors[field] = string.Join(" ", messages);
        if (failure.Code == "weak_password")
            _errors.TryAdd("password", "This password is on a list of leaked passwords. Choose another.");
        else if (failure.Code == "email_taken")
            _errors.TryAdd("email", "An account with this e-mail exists. Sign in instead.");
        if (_errors.Count == 0)
            _failure = failure.Sentence;
        FocusOnFirstError();
    }

    private void FocusOnFirstError()
    {
        string[] fields = ["name", "email", "password"];
        if (fields.FirstOrDefault(_errors.ContainsKey) is { } first)
            Browser.FocusOn("#" + first);
    }
}
