using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Revoking;

/// <summary>Two backend nodes on one database, each following the feed by itself, with room for many sockets of one user.</summary>
public sealed class RevocationServices : Services
{
    private const string SocketsPerUser = "1000"; // ten by default; the suite has few users with many sockets

    public ServiceProcess Second { get; private set; } = null!;

    public IReadOnlyList<ServiceProcess> Backends => [Backend, Second];

    public override async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await base.InitializeAsync();
        // An engine of its own: what the nodes share here is the database and the doorbell.
        Second = await ServiceProcess.StartAsync(
            "backend", State, new Dictionary<string, string>(await BackendSettingsAsync(stop)) { ["Discovery__Node"] = "2", ["Orleans__ClusterId"] = "second" }, stop);
        await UntilHealthyAsync(Second, "auth-feed", stop);
    }

    protected override IReadOnlyDictionary<string, string> AuthSettings { get; } =
        new Dictionary<string, string> { ["Accounts__SignUpsPerMinute"] = "100000", ["Accounts__CodesPerAddress"] = "100000" };

    /// <summary>Auth as the administrator sees it, whose account auth makes in the background of its first start. The caller disposes it.</summary>
    public async Task<HttpClient> AdministratorAsync(CancellationToken cancellationToken)
    {
        var login = new LoginRequest("admin@throughline.local", await File.ReadAllTextAsync(State.PathOf("secrets", "admin-password"), cancellationToken));
        using var signIn = new NativeSignIn(Auth.Url);
        string? token = null;
        await UntilAsync(async () => (token = await TryLogInAsync(signIn, login, cancellationToken)) is not null, "the administrator can sign in", cancellationToken);
        var http = ThroughlineHttp.Create(Auth.Url);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static async Task<string?> TryLogInAsync(NativeSignIn signIn, LoginRequest login, CancellationToken cancellationToken)
    {
        try
        {
            return (await signIn.LogInAsync(login, cancellationToken)).AccessToken;
        }
        catch (ProtocolException e) when (e.Code is "invalid_credentials" or "rate_limited")
        {
            return null; // not made yet, and after some attempts the next one has to wait
        }
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Gateway__SocketsPerUser"] = SocketsPerUser });

    public override async ValueTask DisposeAsync()
    {
        if (Second is not null) await Second.DisposeAsync();
        await base.DisposeAsync();
    }
}
