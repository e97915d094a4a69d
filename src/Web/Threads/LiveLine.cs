using Microsoft.AspNetCore.Components;
using Throughline.Client.Accounts;
using Throughline.Client.Connection;
using Throughline.Contracts.Threads;
using Throughline.Web.SignIn;

namespace Throughline.Web.Threads;

/// <summary>The live connection of whoever is signed in: opened at the first use, closed with the sign-in.</summary>
public sealed class LiveLine : IDisposable
{
    private readonly BrowserSessionClient _session;
    private readonly SignedInUser _user;
    private readonly TimeProvider _time;
    private readonly Uri _socket;
    private readonly Dictionary<string, (Degraded Notice, DateTimeOffset Since)> _degraded = [];
    private ThreadConnection? _connection;
    private bool _wasLost;

    public LiveLine(BrowserSessionClient session, SignedInUser user, NavigationManager navigation, TimeProvider time)
    {
        (_session, _user, _time) = (session, user, time);
        var origin = new Uri(navigation.BaseUri);
        _socket = new UriBuilder(new Uri(origin, "ws")) { Scheme = origin.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs }.Uri;
        _user.Changed += UserChanged;
    }

    public event Action? Changed;

    /// <summary>The line is back after it was lost.</summary>
    public event Action? Recovered;

    public ConnectionState State => _connection?.State ?? new ConnectionState(ConnectionPhase.Idle);

    /// <summary>What does not work at present, the longest first.</summary>
    public IEnumerable<(Degraded Notice, DateTimeOffset Since)> Degradations => _degraded.Values.OrderBy(entry => entry.Since);

    public ThreadConnection Connection => _connection ??= Open();

    public void Start() => Connection.Start();

    public void ReconnectNow() => _connection?.ReconnectNow();

    public void Dispose()
    {
        _user.Changed -= UserChanged;
        Close();
    }

    private ThreadConnection Open()
    {
        var connection = new ThreadConnection(_socket, _session, new ThreadConnectionOptions { Time = _time });
        connection.StateChanged += StateChanged;
        connection.NoticeReceived += Notice;
        return connection;
    }

    private void StateChanged(ConnectionState state)
    {
        if (state.Phase == ConnectionPhase.SignedOut && _user.Account is not null)
            _user.EndElsewhere(_time.GetLocalNow());
        var isBack = state.Phase == ConnectionPhase.Live && _wasLost;
        _wasLost = state.Phase == ConnectionPhase.Reconnecting || (_wasLost && state.Phase != ConnectionPhase.Live);
        // A service that comes back says itself what is still degraded.
        if (state.Phase == ConnectionPhase.Reconnecting)
            _degraded.Clear();
        Changed?.Invoke();
        if (isBack)
            Recovered?.Invoke();
    }

    private void Notice(ServerFrame frame)
    {
        if (frame is Degraded degraded)
            _degraded.TryAdd(degraded.Dependency, (degraded, _time.GetLocalNow()));
        else if (frame is Contracts.Threads.Recovered recovered)
            _degraded.Remove(recovered.Dependency);
        Changed?.Invoke();
    }

    private void UserChanged()
    {
        if (_user.Account is null || _user.EndedElsewhereAt is not null)
            Close();
    }

    private void Close()
    {
        if (_connection is not { } connection)
            return;
        connection.StateChanged -= StateChanged;
        connection.NoticeReceived -= Notice;
        _connection = null;
        _wasLost = false;
        _degraded.Clear();
        _ = connection.DisposeAsync().AsTask();
        Changed?.Invoke();
    }
}
