using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Api;
using Throughline.Client.Connection;
using Throughline.Client.Problems;
using Throughline.Client.Runs;
using Throughline.Client.Tokens;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Backup;

/// <summary>A stack is backed up while people use it, and put back later.</summary>
public sealed class PuttingABackupBack : IDisposable
{
    private const string Rows = "timestamp,model,input_tokens,output_tokens\n2026-01-05T10:00:00Z,gpt-4o,1000,200\n2026-01-06T10:00:00Z,gpt-4o-mini,5000,300\n";

    /// <summary>A tier's messages a minute are few: here they are a second's.</summary>
    private static readonly Dictionary<string, string> QuickMinutes = new() { ["Limits__Window"] = "00:00:01" };

    private readonly TestState _state = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("throughline-backup-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Archive => Path.Combine(_folder, "backup.tar.gz");

    [Fact]
    public async Task Everything_is_as_it_was_and_who_was_deleted_since_stays_deleted()
    {
        List<string> before;
        await using (var stack = await LaunchedStack.StartAsync(_state, [], QuickMinutes, Stop))
        {
            await using var alice = await Person.SignUpAsync(stack, "alice@example.com", Stop);
            await using var bob = await Person.SignUpAsync(stack, "bob@example.com", Stop);
            await alice.AskAsync("kept", "What did we spend?", await alice.UploadAsync(Rows, Stop), Stop);
            before = await alice.EventsAsync("kept", Stop);

            // While something is written all the time.
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var asking = AskOnAsync(alice, enough.Token);
            await RunAsync(0, "backup", "--out", Archive);
            await enough.CancelAsync();
            await asking;

            await alice.AskAsync("later", "What can you do?", null, Stop);
            await bob.Account.EraseAsync(Stop);
            Assert.Equal(0, await stack.Launcher.StopAsync(Stop));
        }

        Assert.Contains("kept in", (await RunAsync(0, "restore", Archive)).Output, StringComparison.Ordinal);

        await using (var stack = await LaunchedStack.StartAsync(_state, [], QuickMinutes, Stop))
        {
            await using var alice = await Person.SignInAsync(stack, "alice@example.com", Stop);
            Assert.Equal(before, await alice.EventsAsync("kept", Stop));
            Assert.Equal("not_found", (await Assert.ThrowsAsync<ProtocolException>(() => alice.EventsAsync("later", Stop))).Code);
            var again = await alice.AskAsync("kept", "And by model?", null, Stop);
            Assert.NotEmpty(again.Finished!.Result!.Figures!); // the rows are there
            Assert.Equal("invalid_credentials", (await Assert.ThrowsAsync<ProtocolException>(() => Person.SignInAsync(stack, "bob@example.com", Stop))).Code);
            Assert.Contains("The audit log is whole", (await RunAsync(0, "audit", "verify")).Output, StringComparison.Ordinal);
            Assert.Contains("No divergence", (await RunAsync(0, "reconcile")).Output, StringComparison.Ordinal);
            Assert.Equal(0, await stack.Launcher.StopAsync(Stop));
        }
    }

    [Fact]
    public async Task What_is_no_whole_backup_changes_nothing()
    {
        var other = Path.Combine(_folder, "other");
        await using (var stack = await LaunchedStack.StartAsync(_state, [], QuickMinutes, Stop))
        {
            await RunAsync(0, "backup", "--out", Archive);
            Assert.Contains("Stop it first", (await RunAsync(2, "restore", Archive)).Errors, StringComparison.Ordinal);
            Assert.Equal(0, await stack.Launcher.StopAsync(Stop));
        }

        var whole = await File.ReadAllBytesAsync(Archive, Stop);
        foreach (var (name, bytes) in (ReadOnlySpan<(string, byte[])>)[("half", whole[..(whole.Length / 2)]), ("nothing", []), ("text", "no backup"u8.ToArray())])
            File.WriteAllBytes(Path.Combine(_folder, name), bytes);
        foreach (var name in (string[])["half", "nothing", "text"])
        {
            Assert.Contains("is no whole backup", (await RunAsync(2, "restore", Path.Combine(_folder, name))).Errors, StringComparison.Ordinal);
            Assert.Contains("is no whole backup", (await RunAsync(2, "restore", Path.Combine(_folder, name), "--state", other)).Errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(other));
        }

        await RunAsync(0, "restore", Archive, "--state", other);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(other));
        Assert.Contains("no state folder", (await RunAsync(2, "backup", "--state", Path.Combine(_folder, "none"))).Errors, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _state.Dispose();
        foreach (var kept in Directory.EnumerateDirectories(Path.GetDirectoryName(_state.Root)!, Path.GetFileName(_state.Root) + ".before-*")) Directory.Delete(kept, recursive: true);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(string Output, string Errors)> RunAsync(int expected, params string[] arguments)
    {
        var (code, output, errors) = await Launched.RunAsync(arguments.Contains("--state") ? arguments : [.. arguments, "--state", _state.Root], Stop);
        Assert.True(code == expected, $"{string.Join(' ', arguments)} ended with {code}:\n{output}\n{errors}");
        return (output, errors);
    }

    private static async Task AskOnAsync(Person person, CancellationToken enough)
    {
        try
        {
            for (var i = 0; ; i++) await person.AskAsync($"meanwhile-{i}", "What can you do?", null, enough);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // The backup is made.
        }
    }

    /// <summary>A user with clients of one stack.</summary>
    private sealed class Person : IAsyncDisposable
    {
        private readonly HttpClient _auth;
        private readonly HttpClient _backend;
        private readonly NativeSignIn _signIn;
        private readonly ThreadConnection _connection;
        private readonly ThroughlineClient _api;

        private Person(LaunchedStack stack, NativeSignIn signIn, TokenSet tokens)
        {
            _signIn = signIn;
            var login = new SavedLogin(signIn, tokens);
            _auth = ThroughlineHttp.Create(new(stack.RecordOf("auth").ApiUrl));
            _backend = ThroughlineHttp.Create(new(stack.RecordOf("backend").ApiUrl));
            Account = new AccountClient(_auth, login);
            _api = new ThroughlineClient(_backend, login);
            _connection = new ThreadConnection(new(stack.RecordOf("backend").WsUrl!), login);
        }

        public AccountClient Account { get; }

        public static async Task<Person> SignUpAsync(LaunchedStack stack, string email, CancellationToken stop)
        {
            using var http = ThroughlineHttp.Create(new(stack.RecordOf("auth").ApiUrl));
            await new AccountClient(http, new NobodysToken()).SignUpAsync(new(email, Platform.Password, "Somebody"), stop);
            return await SignInAsync(stack, email, stop);
        }

        public static async Task<Person> SignInAsync(LaunchedStack stack, string email, CancellationToken stop)
        {
            var signIn = new NativeSignIn(new(stack.RecordOf("auth").ApiUrl));
            return new(stack, signIn, await signIn.LogInAsync(new LoginRequest(email, Platform.Password), stop));
        }

        public async Task<Guid> UploadAsync(string rows, CancellationToken stop)
        {
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(rows));
            return (await _api.UploadFileAsync("usage.csv", content, progress: null, stop)).Id;
        }

        /// <summary>Asks, as often as it takes: there are so many messages a second.</summary>
        public async Task<Answer> AskAsync(string thread, string text, Guid? file, CancellationToken stop)
        {
            var question = new Question(text) { ThreadId = thread, FileIds = file is { } id ? [id] : [] };
            while (true)
            {
                try
                {
                    return await _connection.ReadAnswerAsync(await _connection.AskAsync(question, stop), stop);
                }
                catch (ProtocolException refusal) when (refusal.RetryAfter is { } wait)
                {
                    await Task.Delay(wait, TimeProvider.System, stop);
                }
            }
        }

        public async Task<List<string>> EventsAsync(string thread, CancellationToken stop) =>
            [.. (await _api.ListEventsAsync(thread, 0, 1000, stop)).Items.Select(entry => entry.Event.GetRawText())];

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            _auth.Dispose();
            _backend.Dispose();
            _signIn.Dispose();
        }

        private sealed class NobodysToken : IAccessTokenSource
        {
            public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new((string?)null);

            public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new((string?)null);
        }
    }
}
