using System.Text.Json;
using Throughline.Client.Problems;

namespace Throughline.Client.Tokens;

/// <summary>What the token endpoint answered.</summary>
internal static class TokenReader
{
    /// <param name="before">The refresh token that stays good where the answer brings none.</param>
    public static async Task<TokenSet> ReadAsync(HttpResponseMessage response, string? before, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw await ProblemReader.ReadAsync(response, time, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var tokens = await JsonSerializer.DeserializeAsync(body, OAuthJson.Default.OAuthTokens, cancellationToken);
        return tokens is not null && (tokens.RefreshToken ?? before) is { } refreshToken
            ? new(tokens.AccessToken, time.GetUtcNow().AddSeconds(tokens.ExpiresIn), refreshToken)
            : throw new ProtocolException("internal", "The token endpoint gave no refresh token.");
    }
}
