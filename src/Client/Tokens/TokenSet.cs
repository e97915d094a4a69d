namespace Throughline.Client.Tokens;

/// <summary>What a native program keeps of a sign-in. A secret: store it readable by its owner only.</summary>
/// <param name="RefreshToken">Good for one use; every renewal brings a new one, which replaces this.</param>
public sealed record TokenSet(string AccessToken, DateTimeOffset ExpiresAt, string RefreshToken);
