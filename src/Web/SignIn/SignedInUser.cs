using Throughline.Client.Accounts;
using Throughline.Contracts.Accounts;
using Throughline.Web.Figures;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

/// <summary>Who is signed in on this page, and how that ended.</summary>
public sealed class SignedInUser : IDisposable
{
    private readonly BrowserSessionClient _session;
    private readonly AccountClient _accounts;
    private readonly FactLibrary _facts;
    private bool _isLeaving;

    public SignedInUser(BrowserSessionClient session, AccountClient accounts, FactLibrary facts)
    {
        (_session, _accounts, _facts) = (session, accounts, facts);
        _session.Changed += SessionChanged;
    }

    public event Action? Changed;

    public Account? Account => _session.User;

    /// <summary>Why the page could not find out who is signed in; signing in is then no use.</summary>
    public Failure? Unknown { get; private set; }

    /// <summary>When the session was ended elsewhere, where that is so: the page says so instead of asking for a password at once.</summary>
    public DateTimeOffset? EndedElsewhereAt { get; private set; }

    /// <summary>The account was erased from this page.</summary>
    public bool IsErased { get; private set; }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        (_, Unknown) = await Attempt.Of(_session.RestoreAsync(cancellationToken));
        Changed?.Invoke();
    }

    public Task SignInAsync(LoginRequest login, CancellationToken cancellationToken)
    {
        Begin();
        return _session.SignInAsync(login, cancellationToken);
    }

    public Task SignInWithPasskeyAsync(PasskeyAnswer answer, CancellationToken cancellationToken)
    {
        Begin();
        return _session.SignInWithPasskeyAsync(answer, cancellationToken);
    }

    /// <summary>Reads the account again, after this page has changed it.</summary>
    public Task ReloadAsync(CancellationToken cancellationToken) => _session.ReloadUserAsync(cancellationToken);

    public async Task SignOutAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true; // the line may close with 4004 before the answer is here, and that is no news
        try
        {
            await _session.SignOutAsync(cancellationToken);
        }
        finally
        {
            _isLeaving = false;
        }
    }

    /// <summary>Erases the account. Signing out of it is then all that is left to do.</summary>
    /// <returns>Id of the receipt.</returns>
    public async Task<Guid?> EraseAsync(CancellationToken cancellationToken)
    {
        IsErased = true; // before the answer, for the same reason
        try
        {
            return await _accounts.EraseAsync(cancellationToken);
        }
        catch
        {
            IsErased = false;
            throw;
        }
    }

    /// <summary>The service closed the line with 4004, or refused to renew the token.</summary>
    public void EndElsewhere(DateTimeOffset at)
    {
        if (EndedElsewhereAt is not null || _isLeaving || IsErased)
            return;
        EndedElsewhereAt = at;
        Changed?.Invoke();
    }

    public void Dispose() => _session.Changed -= SessionChanged;

    private void Begin()
    {
        EndedElsewhereAt = null;
        Unknown = null;
        IsErased = false;
    }

    private void SessionChanged()
    {
        if (_session.User is null)
            _facts.Forget();
        Changed?.Invoke();
    }
}
