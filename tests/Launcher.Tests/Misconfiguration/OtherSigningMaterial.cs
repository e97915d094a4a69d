using System.Net;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>An auth that signs with a shared secret, and one that signs with its own keys.</summary>
public sealed class TwoAuths : IAsyncLifetime
{
    public const string Secret = "the-secret-that-auth-and-backend-should-share";

    public TestState State { get; } = new TestState().WithSecrets();

    public TestState OwnKeysState { get; } = new TestState().WithSecrets();

    public ServiceProcess Shared { get; private set; } = null!;

    public ServiceProcess OwnKeys { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        Shared = await ServiceProcess.StartAsync("auth", State, new Dictionary<string, string> { [SharedSecret.Setting] = Secret }, stop);
        OwnKeys = await ServiceProcess.StartAsync("auth", OwnKeysState, null, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Shared.DisposeAsync();
        await OwnKeys.DisposeAsync();
        State.Dispose();
        OwnKeysState.Dispose();
    }
}

/// <summary>A backend that could verify no token of auth's says so at its start, and which of the two must be told what.</summary>
public sealed class OtherSigningMaterial(TwoAuths auths) : IClassFixture<TwoAuths>
{
    private const string Other = "another-secret-of-which-auth-knows-nothing";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task Another_secret() => EndsAsync(
        auths.State, 3, [(SharedSecret.Setting, Other)], "backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both.");

    [Fact]
    public Task The_same_secret_with_another_letter() => EndsAsync(
        auths.State, 3, [(SharedSecret.Setting, TwoAuths.Secret.ToUpperInvariant())], "backend and auth hold different secrets");

    [Fact]
    public Task No_secret_where_auth_has_one() => EndsAsync(
        auths.State, 3, [], "auth has a JWT_SECRET_KEY, but backend has none: set the same JWT_SECRET_KEY for both, or for neither.");

    [Fact]
    public Task A_secret_where_auth_has_none() => EndsAsync(
        auths.OwnKeysState, 3, [(SharedSecret.Setting, Other)], "backend has a JWT_SECRET_KEY, but auth has none: set the same JWT_SECRET_KEY for both, or for neither.");

    [Fact]
    public Task Another_issuer() => EndsAsync(
        auths.OwnKeysState, 3, [("Auth__Issuer", "http://localhost:3001")],
        "backend accepts tokens of the issuer 'http://localhost:3001', but auth issues them as 'http://localhost:3000': set Auth:Issuer to the same value for both.");

    [Fact]
    public async Task Another_client_secret()
    {
        using var elsewhere = new TestState().WithSecrets(); // another machine, whose secrets were not copied from auth's
        await EndsAsync(elsewhere, 2, [("Services__auth", auths.OwnKeys.Url.AbsoluteUri)], "auth does not accept the secret of backend", "secrets/client-backend");
    }

    [Fact]
    public async Task Another_program_at_auths_address()
    {
        using var elsewhere = new TestState().WithSecrets();
        var port = Machine.FreePort();
        using var other = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        other.Start();
        var serving = AnswerAsync(other);
        await EndsAsync(elsewhere, 2, [("Services__auth", $"http://127.0.0.1:{port}")], $"At http://127.0.0.1:{port}/ another program answers, not auth: set Services:auth");
        other.Stop();
        await serving;
    }

    [Fact]
    public async Task One_service_can_be_told_something_else_by_its_own_settings()
    {
        using var state = new TestState().WithSecrets();
        Directory.CreateDirectory(state.PathOf("settings"));
        await File.WriteAllTextAsync(state.PathOf("settings", "backend.json"), $$"""{"{{SharedSecret.Setting}}":"{{Other}}"}""", Stop);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(state.PathOf("settings", "backend.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var shared = new Dictionary<string, string> { [SharedSecret.Setting] = TwoAuths.Secret };
        await using var auth = await ServiceProcess.StartAsync("auth", state, shared, Stop);
        await EndsAsync(state, 3, [(SharedSecret.Setting, TwoAuths.Secret)], "backend and auth hold different secrets");
    }

    [Fact]
    public async Task Found_while_it_runs_it_shows_in_readiness_until_they_agree_again()
    {
        using var state = new TestState().WithSecrets();
        var (right, wrong) = (With(TwoAuths.Secret), With(Other));
        var auth = await ServiceProcess.StartAsync("auth", state, right, Stop);
        await using var backend = await ServiceProcess.StartAsync("backend", state, right, Stop);
        await Looking.UntilAsync(backend, "signing", h => h.Status == HealthStatus.Healthy, Stop);

        await auth.DisposeAsync();
        auth = await ServiceProcess.StartAsync("auth", state, wrong, Stop);
        var health = await Looking.UntilAsync(backend, "signing", h => h.Status == HealthStatus.Unhealthy, Stop);
        Assert.Equal("backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both.", health.Error);

        await auth.DisposeAsync();
        auth = await ServiceProcess.StartAsync("auth", state, right, Stop);
        await Looking.UntilAsync(backend, "signing", h => h.Status == HealthStatus.Healthy, Stop);
        await auth.DisposeAsync();

        static Dictionary<string, string> With(string secret) => new() { [SharedSecret.Setting] = secret };
    }

    private static async Task EndsAsync(TestState state, int exitCode, (string Key, string Value)[] settings, params string[] says) =>
        await new Mistake("signing", "backend", exitCode, says)
        {
            Environment = settings.ToDictionary(s => s.Key, s => s.Value),
            Secret = settings.FirstOrDefault(s => s.Key == SharedSecret.Setting).Value,
        }.ExplainedAsync(state, Stop);

    private static async Task AnswerAsync(HttpListener listener)
    {
        try
        {
            while (true) (await listener.GetContextAsync()).Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
