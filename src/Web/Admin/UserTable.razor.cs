using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Admin;

/// <summary>The accounts of this server, and what an administrator does to them.</summary>
public sealed partial class UserTable
{
    private const int PageSize = 25;

    private static readonly (string Value, string Words)[] Tiers = [("free", "Free"), ("early", "Early"), ("mid", "Mid"), ("enterprise", "Enterprise")];
    private static readonly TimeSpan Typing = TimeSpan.FromMilliseconds(180);

    private readonly CancellationTokenSource _gone = new();
    private List<AdminUser>? _users;
    private string _query = "";
    private string? _next;
    private Failure? _failure;
    private bool _isBusy;
    private int _refusals; // a refused choice is drawn anew, as it was
    private int _search;

    protected override Task OnInitializedAsync() => LoadAsync();

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task SearchAsync()
    {
        var search = ++_search;
        try
        {
            await Task.Delay(Typing, Time, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            return; // the page was left
        }

        if (search == _search)
            await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var query = _query.Trim();
        var (page, failure) = await Attempt.Of(Admin.ListUsersAsync(query.Length == 0 ? null : query, null, PageSize, _gone.Token));
        if (query != _query.Trim())
            return; // a later search is on its way
        _failure = failure;
        if (page is not null)
            (_users, _next) = ([.. page.Items], page.Next);
    }

    private async Task LoadMoreAsync()
    {
        var query = _query.Trim();
        _isBusy = true;
        (var page, _failure) = await Attempt.Of(Admin.ListUsersAsync(query.Length == 0 ? null : query, _next, PageSize, _gone.Token));
        if (page is not null)
        {
            _users!.AddRange(page.Items);
            _next = page.Next;
        }

        _isBusy = false;
    }

    private async Task ChangeAsync(AdminUser user, AdminUserPatch patch)
    {
        _isBusy = true;
        var (changed, failure) = await Attempt.Of(Admin.ChangeUserAsync(user.UserId, patch, user.Version, _gone.Token));
        _isBusy = false;
        if (changed is not null)
        {
            _users![_users.FindIndex(known => known.UserId == user.UserId)] = changed;
            return;
        }

        Refused(user, failure!);
        if (failure!.Code is "precondition_failed" or "not_found")
            await LoadAsync(); // as it is now
    }

    private void Refused(AdminUser user, Failure failure)
    {
        _refusals++;
        Toasts.Show($"{user.Email} was not changed.", failure.Code switch
        {
            "last_admin" => "This is the last administrator: make another one first.",
            "precondition_failed" => "Somebody else changed this account meanwhile. Look at it again.",
            _ => failure.Sentence,
        }, isGood: false);
    }

    private async Task SetDisabledAsync(AdminUser user)
    {
        if (user.Disabled || await AskAsync($"Disable {user.Email}?", "Signed out everywhere within a second, and shut out until you enable it again. Nothing is erased.", "Disable"))
            await ChangeAsync(user, new AdminUserPatch(Disabled: !user.Disabled));
    }

    private async Task SetRoleAsync(AdminUser user)
    {
        var (role, question, yes) = user.Role == "admin"
            ? ("user", $"Make {user.Email} a user?", "Make a user")
            : ("admin", $"Make {user.Email} an administrator?", "Make an administrator");
        if (await AskAsync(question, role == "admin" ? "An administrator sees every account and the audit log, and can shut anybody out." : "Its devices are signed out.", yes))
            await ChangeAsync(user, new AdminUserPatch(Role: role));
    }

    private async Task EndSessionsAsync(AdminUser user)
    {
        if (!await AskAsync($"Sign {user.Email} out everywhere?", "Every device is signed out within a second. Signing in again is possible.", "Sign out"))
            return;
        if (await Attempt.Of(Admin.EndSessionsAsync(user.UserId, _gone.Token)) is { } failure)
            Refused(user, failure);
        else
            Toasts.Show($"{user.Email} is signed out.");
        await LoadAsync();
    }

    private async Task<bool> AskAsync(string question, string meaning, string yes) =>
        await Dialogs.ShowMessageBoxAsync(question, meaning, yesText: yes, cancelText: "Cancel") == true;

    private static string Traits(AdminUser user) => string.Join(", ", new[]
    {
        user.EmailVerified ? null : "e-mail not confirmed",
        user.Totp ? "two-step" : null,
    }.OfType<string>());
}
