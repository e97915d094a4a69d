using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>The launcher's own verbs: <c>doctor</c> says of a stack that does not run what a start would end with, and <c>up</c> ends with it.</summary>
public sealed class ALookBeforeTheStart
{
    private const string Different = "backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both.";
    private const string One = "one-secret-of-more-than-thirty-two-bytes";
    private const string Other = "other-secret-of-more-than-thirty-two-bytes";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_secrets_that_differ()
    {
        using var state = Begun();
        Settings(state, "backend", $$"""{"JWT_SECRET_KEY":"{{Other}}"}""");
        Settings(state, "auth", $$"""{"JWT_SECRET_KEY":"{{One}}"}""");
        await DiagnosedAsync(state, 3, $"signing: {Different}");
    }

    [Fact]
    public async Task Finds_issuers_that_differ()
    {
        using var state = Begun();
        Settings(state, "backend", """{"Auth":{"Issuer":"https://spend.example.com"}}""");
        await DiagnosedAsync(state, 3, "signing: backend accepts tokens of the issuer 'https://spend.example.com', but auth issues them as 'http://localhost:3000'");
    }

    [Fact]
    public async Task Finds_white_space_in_a_secret()
    {
        using var state = Begun();
        Settings(state, "auth", $$"""{"JWT_SECRET_KEY":" {{One}}"}""");
        await DiagnosedAsync(state, 2, "JWT_SECRET_KEY begins or ends with white space");
    }

    [Fact]
    public async Task Finds_the_master_key_of_another_state()
    {
        using var state = Begun();
        MasterKeyCheck.Require(state.Root, RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(state.PathOf("keys", "auth.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), Stop);
        MakePrivate(state.PathOf("keys", "auth.key"));
        await DiagnosedAsync(state, 3, "master key: ", "is not the master key that this state's database was written with");
    }

    [Fact]
    public async Task Finds_a_port_that_is_taken()
    {
        using var state = Begun();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        Settings(state, "backend", $$"""{"Listen:Port":"{{port}}"}""");
        await DiagnosedAsync(state, 5, $"port {port} (Listen:Port) is held by process {Environment.ProcessId}");
    }

    [Fact]
    public async Task Finds_nothing_where_all_is_well()
    {
        using var state = Begun();
        var (code, output, errors) = await Launched.RunAsync(["doctor", "--state", state.Root], Stop);
        Assert.True(code == 0, output + errors);
        Assert.Contains("signing: auth and backend agree (ES256)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_what_the_start_would_end_with()
    {
        using var state = new TestState();
        Settings(state, "auth", $$"""{"JWT_SECRET_KEY":"{{One}}"}""");
        Settings(state, "backend", $$"""{"JWT_SECRET_KEY":"{{Other}}"}""");

        await using var up = LaunchedStack.Begin(state, []);
        Assert.Equal(3, await up.WaitForExitAsync(Stop));
        Assert.Contains(up.Output, line => LaunchedStack.EventOf(line) == "failed" && line.Contains(Different, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(state.PathOf(".service_discovery")));
    }

    private static async Task DiagnosedAsync(TestState state, int exitCode, params string[] says)
    {
        var (code, output, errors) = await Launched.RunAsync(["doctor", "--state", state.Root], Stop);
        Assert.True(code == exitCode, $"It ended with {code}, not {exitCode}:\n{output}{errors}");
        var bad = output.Split('\n').First(line => line.StartsWith("BAD ", StringComparison.Ordinal));
        Assert.All(says, part => Assert.Contains(part, bad, StringComparison.Ordinal));
        Assert.DoesNotContain(One, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Other, output + errors, StringComparison.Ordinal);
    }

    /// <summary>A state as a first start leaves it, but for the databases.</summary>
    private static TestState Begun()
    {
        var state = new TestState().WithSecrets();
        Directory.CreateDirectory(state.PathOf("keys"));
        foreach (var secret in Directory.EnumerateFiles(state.PathOf("secrets"))) MakePrivate(secret);
        File.WriteAllText(state.PathOf("state.json"), """{"version":2,"issuer":"http://localhost:3000","createdAt":"2026-01-01T00:00:00Z"}""");
        return state;
    }

    private static void Settings(TestState state, string service, string json)
    {
        Directory.CreateDirectory(state.PathOf("settings"));
        File.WriteAllText(state.PathOf("settings", $"{service}.json"), json);
        MakePrivate(state.PathOf("settings", $"{service}.json"));
    }

    private static void MakePrivate(string path)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
