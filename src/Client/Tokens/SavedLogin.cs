using System.Runtime.Versioning;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;

namespace Throughline.Client.Tokens;

/// <summary>The token source of a native program: starts from a <see cref="TokenSet"/> and renews it.</summary>
[UnsupportedOSPlatform("browser")]
public sealed class SavedLogin : RenewingTokens
{
    private readonly NativeSignIn _signIn;
    private readonly Action<TokenSet>? _renewed;
    private readonly Func<TokenSet?>? _stored;
    private readonly TimeProvider _time;
    private TokenSet _tokens;

    /// <param name="signIn">Where tokens are renewed.</param>
    /// <param name="tokens">From <see cref="NativeSignIn.LogInAsync"/>, or as last saved.</param>
    /// <param name="renewed">Called with each new set before it is used, so that the program can save it: the old refresh token is spent.</param>
    /// <param name="stored">Reads what was last saved. Asked before a renewal where several processes share a login: one of them may have
    /// renewed it since, and a refresh token that is used twice ends the session.</param>
    public SavedLogin(
        NativeSignIn signIn, TokenSet tokens, Action<TokenSet>? renewed = null, TimeProvider? time = null, Func<TokenSet?>? stored = null)
        : base(time ?? TimeProvider.System)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _time = time ?? TimeProvider.System;
        _stored = stored;
        _signIn = signIn;
        _tokens = tokens;
        _renewed = renewed;
        Begin(new(tokens.AccessToken, tokens.ExpiresAt));
    }

    /// <summary>Ends the session at the service and forgets the tokens.</summary>
    public Task LogOutAsync(CancellationToken cancellationToken) => InTurnAsync(async () =>
    {
        await _signIn.RevokeAsync(_tokens, cancellationToken);
        End();
        return true;
    }, cancellationToken);

    private protected override async Task<Current?> FetchAsync(CancellationToken cancellationToken)
    {
        if (_stored?.Invoke() is { } newer && newer.RefreshToken != _tokens.RefreshToken)
        {
            _tokens = newer;
            if (_time.GetUtcNow() < newer.ExpiresAt - Margin)
                return new(newer.AccessToken, newer.ExpiresAt);
        }

        try
        {
            _tokens = await _signIn.RefreshAsync(_tokens, cancellationToken);
        }
        catch (ProtocolException refused) when (refused.Code == "invalid_grant")
        {
            return null;
        }

        _renewed?.Invoke(_tokens);
        return new(_tokens.AccessToken, _tokens.ExpiresAt);
    }
}
