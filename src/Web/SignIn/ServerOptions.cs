using Throughline.Client.Accounts;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

/// <summary>What the server says of itself to people who are not signed in; asked once, at the first page that needs it.</summary>
public sealed class ServerOptions(AccountClient accounts)
{
    private const int UsualShortest = 12;

    private SignInOptions? _options;

    public int ShortestPassword => _options?.PasswordMinLength ?? UsualShortest;

    /// <summary>The folder in which mail lies that this server does not send; <c>null</c> where it sends it, or does not say.</summary>
    public string? MailFolder => _options is { Mail: "folder", MailFolder: { Length: > 0 } folder } ? folder : null;

    /// <summary>A page that could not ask shows what is usual, and asks again when it is next opened.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_options is null)
            (_options, _) = await Attempt.Of(accounts.GetOptionsAsync(cancellationToken));
    }
}
