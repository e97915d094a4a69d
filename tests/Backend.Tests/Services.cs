using System.Net.Http.Headers;
using System.Net.Http.Json;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Discovery;
using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>Store, auth and backend in processes of their own, without a launcher, so that a test may kill one of them.</summary>
public class Services : IAsyncLifetime
{
    internal const string Password = "Correct-Horse-7-Battery";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public TestState State { get; } = new TestState().WithSecrets();

    public ServiceProcess Store { get; private set; } = null!;

    public ServiceProcess Auth { get; private set; } = null!;

    public ServiceProcess Backend { get; private set; } = null!;

    /// <summary>Further environment of the backend.</summary>
    protected virtual ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string>());

    /// <summary>Further environment of auth.</summary>
    protected virtual IReadOnlyDictionary<string, string> AuthSettings { get; } = new Dictionary<string, string>();

    public virtual async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        var (store, auth, backend) = (StartStoreAsync(stop), StartAuthAsync(stop), StartBackendAsync(stop));
        await Task.WhenAll(store, auth, backend);
        // Whoever signs in before auth reaches the store is asked to come again.
        await Task.WhenAll(UntilHealthyAsync(Auth, "store", stop), UntilHealthyAsync(Backend, "store", stop), UntilHealthyAsync(Backend, "auth-feed", stop));
    }

    public async Task StartStoreAsync(CancellationToken cancellationToken) => Store = await ServiceProcess.StartAsync("store", State, null, cancellationToken);

    public async Task StartAuthAsync(CancellationToken cancellationToken) => Auth = await ServiceProcess.StartAsync("auth", State, AuthSettings, cancellationToken);

    public async Task StartBackendAsync(CancellationToken cancellationToken) =>
        Backend = await ServiceProcess.StartAsync("backend", State, await BackendSettingsAsync(cancellationToken), cancellationToken);

    /// <summary><c>kill -9</c>, and the end of the process.</summary>
    public static async Task KillAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        service.Program.Kill();
        await service.Program.WaitForExitAsync(cancellationToken);
    }

    public async Task<Member> SignUpAsync(string name, CancellationToken cancellationToken)
    {
        var (userId, email, tokens) = await SignUpForTokensAsync(name, cancellationToken);
        return new Member(this, userId, email, tokens.AccessToken);
    }

    public async Task<(Guid UserId, string Email, TokenSet Tokens)> SignUpForTokensAsync(string name, CancellationToken cancellationToken)
    {
        var email = $"{name}-{Guid.NewGuid():N}@example.com";
        using var http = ThroughlineHttp.Create(Auth.Url);
        var account = await new AccountClient(http, new NoToken()).SignUpAsync(new SignUpRequest(email, Password, name), cancellationToken);
        using var signIn = new NativeSignIn(Auth.Url);
        return (account.UserId, email, await signIn.LogInAsync(new LoginRequest(email, Password), cancellationToken));
    }

    /// <summary>Signs in once more: another session of the same user.</summary>
    public async Task<Member> SignInAsync(Guid userId, string email, CancellationToken cancellationToken)
    {
        using var signIn = new NativeSignIn(Auth.Url);
        return new Member(this, userId, email, (await signIn.LogInAsync(new LoginRequest(email, Password), cancellationToken)).AccessToken);
    }

    public Task<HealthReport> ReadinessAsync(CancellationToken cancellationToken) => ReadinessOfAsync(Backend, cancellationToken);

    public static async Task<HealthReport> ReadinessOfAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        using var http = ThroughlineHttp.Create(service.Url);
        using var response = await http.GetAsync("/health/ready", cancellationToken);
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.HealthReport, cancellationToken))!;
    }

    public Task UntilHealthyAsync(ServiceProcess service, string dependency, CancellationToken cancellationToken) => UntilAsync(
        async () => (await ReadinessOfAsync(service, cancellationToken)).Checks![dependency].Status == "healthy",
        $"{dependency} is healthy for {service.Record.Service}", cancellationToken);

    /// <summary>Looks until it is so. Readiness and other processes' folders tell nobody of their changes.</summary>
    public async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await isSo()) await look.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"Not within {Patience.TotalSeconds} s: {what}.\n{Backend.Program.Transcript}");
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var service in (ServiceProcess?[])[Backend, Auth, Store])
            if (service is not null) await service.DisposeAsync();
        State.Dispose();
    }

    private sealed class NoToken : IAccessTokenSource
    {
        public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new((string?)null);

        public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new((string?)null);
    }
}

/// <summary>A signed-in user, with plain HTTP clients that carry the access token.</summary>
public sealed class Member : IDisposable
{
    internal Member(Services services, Guid userId, string email, string accessToken)
    {
        (UserId, Email, AccessToken) = (userId, email, accessToken);
        Http = ThroughlineHttp.Create(services.Backend.Url);
        Auth = ThroughlineHttp.Create(services.Auth.Url);
        Http.DefaultRequestHeaders.Authorization = Auth.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
    }

    public Guid UserId { get; }

    public string Email { get; }

    public string AccessToken { get; }

    /// <summary>To the backend.</summary>
    public HttpClient Http { get; }

    public HttpClient Auth { get; }

    public void Dispose()
    {
        Http.Dispose();
        Auth.Dispose();
    }
}
