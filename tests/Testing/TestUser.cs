using System.Net.Http.Headers;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Api;
using Throughline.Client.Connection;
using Throughline.Client.Runs;
using Throughline.Client.Tokens;
using Throughline.Contracts.Files;

namespace Throughline.Testing;

/// <summary>A signed-in user of the platform: one session, its tokens, and clients that use them.</summary>
public sealed class TestUser : IAsyncDisposable
{
    private readonly NativeSignIn _signIn;
    private readonly HttpClient _auth;
    private readonly HttpClient _backend;

    internal TestUser(Platform platform, Guid userId, string email, NativeSignIn signIn, TokenSet tokens)
    {
        (UserId, Email, Tokens, _signIn) = (userId, email, tokens, signIn);
        Login = new SavedLogin(signIn, tokens);
        _auth = ThroughlineHttp.Create(platform.Auth);
        _backend = ThroughlineHttp.Create(platform.Backend);
        Account = new AccountClient(_auth, Login);
        Api = new ThroughlineClient(_backend, Login);
        Connection = new ThreadConnection(platform.WebSocket, Login);
    }

    public Guid UserId { get; }

    public string Email { get; }

    /// <summary>As they were at sign-in.</summary>
    public TokenSet Tokens { get; }

    public string AccessToken => Tokens.AccessToken;

    public SavedLogin Login { get; }

    public AccountClient Account { get; }

    public ThroughlineClient Api { get; }

    /// <summary>The live connection; it opens at its first use.</summary>
    public ThreadConnection Connection { get; }

    /// <summary>A plain client with the access token, for requests that the typed ones do not make. The caller disposes it.</summary>
    public HttpClient CreateHttp(Uri service)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = service };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        return http;
    }

    public async Task<UsageFile> UploadAsync(string path, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(path);
        return await Api.UploadFileAsync(Path.GetFileName(path), content, progress: null, cancellationToken);
    }

    public async Task<UsageFile> UploadAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content);
        return await Api.UploadFileAsync(name, stream, progress: null, cancellationToken);
    }

    /// <summary>Asks, and waits for the whole answer.</summary>
    public async Task<Answer> AskAsync(string text, IReadOnlyList<Guid> fileIds, CancellationToken cancellationToken) =>
        await Connection.ReadAnswerAsync(await Connection.AskAsync(new Question(text) { FileIds = fileIds }, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _auth.Dispose();
        _backend.Dispose();
        _signIn.Dispose();
    }
}
