namespace Throughline.Client.Tokens;

/// <summary>Keeps one access token fresh: renews it shortly before it expires, one renewal at a time.</summary>
/// <remarks>Base of the native and the browser's token source, which differ only in how a token is renewed.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The semaphore's wait handle is never asked for, so there is nothing to dispose.")]
public abstract class RenewingTokens : IAccessTokenSource
{
    // Longer than the server's `auth.expiring` notice is ahead of expiry, shorter than any token lives.
    private protected static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TimeProvider _time;
    private Current? _current;
    private bool _ended;

    private protected RenewingTokens(TimeProvider time) => _time = time;

    /// <inheritdoc/>
    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh(Volatile.Read(ref _current)) is { } token)
            return token;
        return await InTurnAsync(async () => Fresh(_current) ?? await RenewInTurnAsync(cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> RenewAsync(string refused, CancellationToken cancellationToken) =>
        // Whoever was in turn before may have renewed already.
        await InTurnAsync(
            async () => _current is { } current && current.AccessToken != refused ? current.AccessToken : await RenewInTurnAsync(cancellationToken),
            cancellationToken);

    /// <summary>Fetches a new token; <c>null</c> where the sign-in has ended. Throws where the service cannot be reached.</summary>
    private protected abstract Task<Current?> FetchAsync(CancellationToken cancellationToken);

    /// <summary>Runs alone: a sign-out is never overtaken by the answer to an earlier renewal.</summary>
    private protected async Task<T> InTurnAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <param name="current"><c>null</c>: not known yet, so that the next use fetches one.</param>
    private protected void Begin(Current? current)
    {
        _ended = false;
        Volatile.Write(ref _current, current);
    }

    private protected void End()
    {
        _ended = true;
        Volatile.Write(ref _current, null);
    }

    private string? Fresh(Current? current) =>
        current is not null && _time.GetUtcNow() < current.ExpiresAt - Margin ? current.AccessToken : null;

    private async Task<string?> RenewInTurnAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return null;
        if (await FetchAsync(cancellationToken) is { } fresh)
            Volatile.Write(ref _current, fresh);
        else
            End();
        return _current?.AccessToken;
    }

    private protected sealed record Current(string AccessToken, DateTimeOffset ExpiresAt);
}
