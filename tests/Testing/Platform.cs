using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Tokens;
using Throughline.Contracts.Accounts;
using Xunit;

namespace Throughline.Testing;

/// <summary>The running platform: real services, real store, real database, on loopback. Speaks in intents.</summary>
/// <remarks>Share it as class or assembly fixture; each test signs up its own user. A subclass changes how it is started.</remarks>
public class Platform : IAsyncLifetime
{
    public const string Password = "Correct-Horse-7-Battery";

    private readonly TestState _state = new();
    private LaunchedStack? _stack;

    public LaunchedStack Stack => _stack ?? throw new InvalidOperationException("The platform has not started.");

    public TestState State => _state;

    /// <summary>The public origin, by its address.</summary>
    public Uri Frontend => new(Stack.RecordOf("frontend").ApiUrl);

    public Uri Auth => new(Stack.RecordOf("auth").ApiUrl);

    public Uri Backend => new(Stack.RecordOf("backend").ApiUrl);

    public Uri WebSocket => new(Stack.RecordOf("backend").WsUrl!);

    /// <summary>Further arguments of <c>up</c>.</summary>
    protected virtual ValueTask<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken) => new([]);

    /// <summary>Further environment of the launcher, which its services inherit.</summary>
    protected virtual IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>();

    public virtual async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        _stack = await LaunchedStack.StartAsync(_state, await ArgumentsAsync(stop), Environment, stop);
    }

    /// <summary>Signs up a new user, signs it in as <c>throughline-cli</c>, and gives it clients.</summary>
    /// <param name="name">Part of the e-mail address, which is unique all the same.</param>
    public async Task<TestUser> SignUpAsync(string name, CancellationToken cancellationToken)
    {
        var email = $"{name}-{Guid.NewGuid():N}@example.com";
        using var http = ThroughlineHttp.Create(Auth);
        var account = await new AccountClient(http, new NoToken()).SignUpAsync(new SignUpRequest(email, Password, name), cancellationToken);
        return await SignInAsync(account.UserId, email, cancellationToken);
    }

    /// <summary>Signs the user in once more: another device.</summary>
    public async Task<TestUser> SignInAsync(Guid userId, string email, CancellationToken cancellationToken)
    {
        var signIn = new NativeSignIn(Auth);
        var tokens = await signIn.LogInAsync(new LoginRequest(email, Password), cancellationToken);
        return new TestUser(this, userId, email, signIn, tokens);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            if (_stack is null)
                return;
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var code = await _stack.Launcher.StopAsync(limit.Token);
            Assert.True(code == 0, $"The launcher ended with {code}:\n{_stack.Launcher.Transcript}");
        }
        finally
        {
            if (_stack is not null)
                await _stack.DisposeAsync();
            _state.Dispose();
        }
    }

    private sealed class NoToken : IAccessTokenSource
    {
        public ValueTask<string?> GetAsync(CancellationToken cancellationToken) => new((string?)null);

        public ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) => new((string?)null);
    }
}
