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
    private TokenSet _tokens;

    /// <param name="signIn">Where tokens are renewed.</param>
    /// <param name="tokens">From <see cref="NativeSignIn.LogInAsync"/>, or as last saved.</param>
    /// <param name="renewed">Called with each new set before it is used, so that the program can save it: the old refresh token is spent.</param>
    public SavedLogin(NativeSignIn signIn, TokenSet tokens, Action<TokenSet>? renewed = null, TimeProvider? time = null)
        : base(time ?? TimeProvider.System)
    {
        ArgumentNullException.ThrowIfNull(tokens);
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
