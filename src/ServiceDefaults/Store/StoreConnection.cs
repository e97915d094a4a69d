using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>How to connect to the key-value store, for everyone who needs a connection of their own beside <see cref="KeyValueStore"/>.</summary>
public static class StoreConnection
{
    /// <param name="address"><c>host:port</c>, from <c>Store:Address</c> or discovery.</param>
    /// <remarks>
    /// <c>Store:Secret</c> names the secret that holds the password. Default: <c>store-password</c>, the embedded store's. An external
    /// Redis has its own, or none: then there is no such file.
    /// </remarks>
    public static ConfigurationOptions OptionsFor(string address, IConfiguration configuration, StateFolder state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var options = ConfigurationOptions.Parse(address);
        options.Password = state.TryReadSecret(SecretName(configuration));
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 5000; // callers have limits of their own, and shorter ones
        options.ReconnectRetryPolicy = new LinearRetry(250);
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return options;
    }

    internal static string SecretName(IConfiguration configuration) => configuration["Store:Secret"] ?? "store-password";
}
