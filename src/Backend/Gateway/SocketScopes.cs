using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>What an API key may do on a socket; the same as <see cref="ApiKeyScopes"/> says of routes. A sign-in may do all.</summary>
internal static class SocketScopes
{
    /// <summary>Whether the token opens a socket at all.</summary>
    public static bool Allows(AccessToken token) => !token.IsApiKey || token.HasScope(ApiKeyScopes.Api) || token.HasScope(ApiKeyScopes.ApiRead);

    public static bool Allows(AccessToken token, ClientFrame frame) =>
        !token.IsApiKey || token.HasScope(ApiKeyScopes.Api)
        // Renewing its own token gives a reader nothing that it has not; without, its socket would end with the token.
        || frame is SubscribeThread or UnsubscribeThread or Ping or RefreshToken;
}
