using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>What is wrong with the key-value store, in one sentence with the remedy. The library's own words run to half a page.</summary>
internal static class StoreFault
{
    private static readonly string[] NoWrites = ["OOM ", "READONLY ", "MISCONF ", "requires writable"];

    /// <summary>Whether the store is there and does not take our password, which waiting does not mend.</summary>
    public static bool IsRefusal(Exception? exception) => exception is not null
        && (exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            || exception.Message.Contains("NOAUTH", StringComparison.Ordinal)
            || exception.Message.Contains("WRONGPASS", StringComparison.Ordinal)
            || IsRefusal(exception.InnerException));

    /// <summary>It is full, cannot save, or is another's copy; the last is also found out by the client itself, which then sends nothing.</summary>
    private static bool TakesNoWrites(Exception exception) =>
        NoWrites.Any(word => exception.Message.Contains(word, StringComparison.Ordinal)) || (exception.InnerException is { } inner && TakesNoWrites(inner));

    public static string Of(Exception exception, string? address, IConfiguration configuration, StateFolder state)
    {
        if (address is null) return "The key-value store is not running: start it, or set Store:Address to where it is.";
        if (TakesNoWrites(exception)) return $"The key-value store at {address} takes no writes ({exception.Message.Split(". ")[0].TrimEnd('.')}): give it room, or name its primary.";
        if (exception.Message.Contains("NOPERM", StringComparison.Ordinal))
            return $"The key-value store at {address} forbids what we need ({exception.Message.Split('\n')[0].TrimEnd('.')}): let its user run scripts, publish and subscribe, and use every key.";
        return IsRefusal(exception)
            ? $"The key-value store at {address} refuses our password: write the store's into {state.PathOf("secrets", StoreConnection.SecretName(configuration))} and restart."
            : $"The key-value store at {address} does not answer: start it, or set Store:Address to where it is.";
    }
}
