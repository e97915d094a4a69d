using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Login;

/// <summary><c>throughline login</c> and what follows, against a whole stack; the browser's part is played through its API.</summary>
public sealed class SigningInTheShell(SigningInTheShell.Running running) : IClassFixture<SigningInTheShell.Running>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string LoginPath => running.State.PathOf("secrets", "login.json");

    [Fact]
    public async Task Is_approved_in_the_browser_and_then_asks_as_that_user()
    {
        await using var maya = await running.SignUpAsync("maya", Stop);
        var (code, output, errors) = await LogInAsync(maya, "approve");
        Assert.True(code == 0, errors);
        Assert.Contains($"Signed in as {maya.Email}", output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LoginPath));
        var saved = JsonNode.Parse(await File.ReadAllTextAsync(LoginPath, Stop))!;
        Assert.DoesNotContain((string)saved["Tokens"]!["RefreshToken"]!, output + errors, StringComparison.Ordinal);
        var device = Assert.Single((await maya.Account.ListSessionsAsync(Stop)).Items, s => !s.Current);
        Assert.Matches(@"^throughline-cli/\d+\.\d+\.\d+ \(command line on .+\)$", device.UserAgent);

        // Its token is over: two that ask at once renew it, whoever comes first, and both get an answer.
        saved["Tokens"]!["ExpiresAt"] = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await File.WriteAllTextAsync(LoginPath, saved.ToJsonString(), Stop);
        var asked = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => RunAsync(null, "ask", $"What did we spend? {i}", "--state", running.State.Root)));
        Assert.All(asked, a => Assert.True(a.ExitCode == 0, a.Errors));
        Assert.All(asked, a => Assert.Contains($"Asking as {maya.Email}.", a.Errors, StringComparison.Ordinal));
        Assert.Equal(2, (await maya.Api.ListThreadsAsync(null, null, null, Stop)).Items.Count);
        var renewed = JsonNode.Parse(await File.ReadAllTextAsync(LoginPath, Stop))!;
        Assert.NotEqual((string)saved["Tokens"]!["RefreshToken"]!, (string)renewed["Tokens"]!["RefreshToken"]!);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LoginPath));

        // A second sign-in takes the first one's place, there as here.
        Assert.Equal(0, (await LogInAsync(maya, "approve")).ExitCode);
        var second = Assert.Single((await maya.Account.ListSessionsAsync(Stop)).Items, s => !s.Current);
        Assert.NotEqual(device.Id, second.Id);

        var ended = await RunAsync(null, "logout", "--state", running.State.Root);
        Assert.Contains($"Signed out {maya.Email}.", ended.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(LoginPath));
        Assert.Single((await maya.Account.ListSessionsAsync(Stop)).Items);
        Assert.Contains("Nobody is signed in here.", (await RunAsync(null, "logout", "--state", running.State.Root)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_where_it_was_denied_or_has_ended()
    {
        await using var omar = await running.SignUpAsync("omar", Stop);
        var denied = await LogInAsync(omar, "deny", Elsewhere());
        Assert.Equal(1, denied.ExitCode);
        Assert.Contains("The sign-in was denied in the browser.", denied.Errors, StringComparison.Ordinal);

        var config = Elsewhere();
        Assert.Equal(0, (await LogInAsync(omar, "approve", config)).ExitCode);
        await omar.Account.RevokeOtherSessionsAsync(Stop);
        var file = Assert.Single(Directory.GetFiles(config, "*.json", SearchOption.AllDirectories));
        var saved = JsonNode.Parse(await File.ReadAllTextAsync(file, Stop))!;
        saved["Tokens"]!["ExpiresAt"] = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await File.WriteAllTextAsync(file, saved.ToJsonString(), Stop);
        var (code, _, errors) = await RunAsync(config, "ask", "What did we spend?", "--origin", Origin);
        Assert.Equal(1, code);
        Assert.Contains($"The sign-in of {omar.Email} has ended.", errors, StringComparison.Ordinal);
        Directory.Delete(config, recursive: true);
    }

    [Fact]
    public async Task Keeps_another_machines_sign_in_among_the_users_settings()
    {
        await using var lena = await running.SignUpAsync("lena", Stop);
        var config = Elsewhere();
        Assert.Equal(0, (await LogInAsync(lena, "approve", config)).ExitCode);
        var file = Assert.Single(Directory.GetFiles(config, "*.json", SearchOption.AllDirectories));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }

        var asked = await RunAsync(config, "ask", "What did we spend?", "--origin", Origin);
        Assert.True(asked.ExitCode == 0, asked.Errors);
        Assert.Single((await lena.Api.ListThreadsAsync(null, null, null, Stop)).Items);
        Assert.Equal(0, (await RunAsync(config, "logout", "--origin", Origin)).ExitCode);
        Assert.Empty(Directory.GetFiles(config, "*.json", SearchOption.AllDirectories));
        Directory.Delete(config, recursive: true);
    }

    [Theory]
    [InlineData("login --origin spend.example.com", 2, "is no origin")]
    [InlineData("login --origin http://spend.example.com", 2, "plain HTTP")]
    [InlineData("login --state /tmp/throughline-that-never-ran", 1, "is not running")]
    [InlineData("ask hello --origin http://localhost:9", 1, "Nobody is signed in at")]
    public async Task Explains_what_cannot_be(string arguments, int expected, string words)
    {
        var config = Elsewhere();
        var (code, _, errors) = await RunAsync(config, arguments.Split(' '));
        Assert.Equal(expected, code);
        Assert.Contains(words, errors, StringComparison.Ordinal);
        Directory.Delete(config, recursive: true);
    }

    private string Origin => $"http://localhost:{running.Frontend.Port}";

    /// <summary>A folder in the place of the user's own settings.</summary>
    private static string Elsewhere() => Directory.CreateTempSubdirectory("throughline-config-").FullName;

    /// <summary>Runs <c>login</c>, here or with settings elsewhere by the public origin, until somebody has decided.</summary>
    private async Task<(int ExitCode, string Output, string Errors)> LogInAsync(TestUser user, string decision, string? config = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Limit);
        string[] where = config is null ? ["--state", running.State.Root] : ["--origin", Origin];
        await using var login = RunningProgram.Start("Launcher", ["login", "--no-open", .. where], EnvironmentWith(config));
        var line = await login.WaitForLineAsync(said => said.StartsWith("enter", StringComparison.Ordinal), limit.Token);
        using var http = new HttpClient { BaseAddress = running.Auth, DefaultRequestHeaders = { Authorization = new("Bearer", user.AccessToken) } };
        using var decided = await http.PostAsJsonAsync($"/auth/device/{decision}", new { userCode = line.Split(' ')[^1] }, limit.Token);
        Assert.Equal(204, (int)decided.StatusCode);
        var code = await login.WaitForExitAsync(limit.Token);
        return (code, string.Join('\n', login.Output), string.Join('\n', login.Errors));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string? config, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Limit);
        await using var program = RunningProgram.Start("Launcher", arguments, EnvironmentWith(config));
        var code = await program.WaitForExitAsync(limit.Token);
        return (code, string.Join('\n', program.Output), string.Join('\n', program.Errors));
    }

    private static Dictionary<string, string> EnvironmentWith(string? config) =>
        config is null ? [] : new() { ["XDG_CONFIG_HOME"] = config, ["APPDATA"] = config };

    public sealed class Running : Platform
    {
        protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["Devices__Interval"] = "00:00:01" };
    }
}
