using Throughline.Client.Accounts;
using Throughline.Contracts.Accounts;
using Throughline.Web.Figures;
using Throughline.Web.Shell;

namespace Throughline.Web.SignIn;

/// <summary>Who is signed in on this page, and how that ended.</summary>
public sealed class SignedInUser : IDisposable
{
    private readonly BrowserSessionClient _session;
    private readonly FactLibrary _facts;

    public SignedInUser(BrowserSessionClient session, FactLibrary facts)
    {
        (_session, _facts) = (session, facts);
        _session.Changed += SessionChanged;
    }

    public event Action? Changed;

    public Account? Account => _session.User;

    /// <summary>Why the page could not find out who is signed in; signing in is then no use.</summary>
    public Failure? Unknown { get; private set; }

    /// <summary>When the session was ended elsewhere, where that is so: the page says so instead of asking for a password at once.</summary>
    public DateTimeOffset? EndedElsewhereAt { get; private set; }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        (_, Unknown) = await Attempt.Of(_session.RestoreAsync(cancellationToken));
        Changed?.Invoke();
    }

    public Task SignInAsync(LoginRequest login, CancellationToken cancellationToken)
    {
        EndedElsewhereAt = null;
        Unknown = null;
        return _session.SignInAsync(login, cancellationToken);
    }

    public Task SignOutAsync(CancellationToken cancellationToken) => _session.SignOutAsync(cancellationToken);

    /// <summary>The service closed the line with 4004, or refused to renew the token.</summary>
    public void EndElsewhere(DateTimeOffset at)
    {
        if (EndedElsewhereAt is not null)
            return;
        EndedElsewhereAt = at;
        Changed?.Invoke();
    }

    public void Dispose() => _session.Changed -= SessionChanged;

    private void SessionChanged()
    {
        if (_session.User is null)
            _facts.Forget();
        Changed?.Invoke();
    }
}
