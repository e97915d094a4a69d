using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>A Redis or Valkey of the operator's: <c>host:port</c> or <c>redis://:password@host:port</c>.</summary>
internal static class ExternalRedis
{
    public const string Secret = "redis-password";

    public static string AddressOf(string redis)
    {
        var url = Parse(redis);
        return $"{url.Host}:{(url.Port > 0 ? url.Port : 6379)}";
    }

    /// <summary>Hands the password over in a file of the state, so that it stands in no environment and no process list of a service.</summary>
    public static void SavePassword(string redis, StateDirectory state)
    {
        var password = Uri.UnescapeDataString(Parse(redis).UserInfo.Split(':', 2)[^1]);
        var path = state.PathOf("secrets", Secret);
        if (password.Length > 0)
            StateDirectory.WritePrivate(path, password);
        else
            File.Delete(path);
    }

    private static Uri Parse(string redis) =>
        Uri.TryCreate(redis.Contains("://", StringComparison.Ordinal) ? redis : $"redis://{redis}", UriKind.Absolute, out var url) && url.Host.Length > 0
            ? url
            : throw new LauncherException(ExitCode.Configuration, "--redis is no address.", "Write for example: --redis localhost:6379 or redis://:password@localhost:6379");
}
