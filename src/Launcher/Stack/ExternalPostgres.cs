using System.Data.Common;
using System.Globalization;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>A PostgreSQL server of the operator's: each service gets a database of its own there.</summary>
internal static class ExternalPostgres
{
    private const string DefaultPrefix = "throughline";

    /// <param name="server">A connection string (<c>Host=db;Username=me;Password=…</c>) or a URL (<c>postgres://me:…@db:5432/prefix</c>).</param>
    public static string ConnectionStringFor(string server, string service)
    {
        var parts = Parse(server);
        var prefix = parts.TryGetValue("Database", out var named) && named is string { Length: > 0 } text ? text : DefaultPrefix;
        parts["Database"] = $"{prefix}_{service}";
        return parts.ConnectionString;
    }

    public static (string Host, int Port) EndpointOf(string server)
    {
        var parts = Parse(server);
        var host = parts.TryGetValue("Host", out var named) || parts.TryGetValue("Server", out named) ? named.ToString()! : "localhost";
        return (host, parts.TryGetValue("Port", out var port) ? Convert.ToInt32(port, CultureInfo.InvariantCulture) : 5432);
    }

    private static DbConnectionStringBuilder Parse(string server)
    {
        try
        {
            return server.Contains("://", StringComparison.Ordinal) ? FromUrl(new Uri(server)) : FromText(server);
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException)
        {
            throw Unreadable();
        }
    }

    private static DbConnectionStringBuilder FromText(string server)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = server };
        return parts.ContainsKey("Host") || parts.ContainsKey("Server") ? parts : throw Unreadable();
    }

    private static DbConnectionStringBuilder FromUrl(Uri url)
    {
        var parts = new DbConnectionStringBuilder { ["Host"] = url.Host, ["Port"] = url.Port > 0 ? url.Port : 5432 };
        var user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            parts["Username"] = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2)
            parts["Password"] = Uri.UnescapeDataString(user[1]);
        if (url.AbsolutePath.Trim('/') is { Length: > 0 } database)
            parts["Database"] = database;
        return parts;
    }

    // The value may hold a password, so it is not repeated.
    private static LauncherException Unreadable() => new(
        ExitCode.Configuration, "--postgres is neither a connection string nor a URL.",
        "Write for example: --postgres 'Host=localhost;Username=throughline;Password=…' or postgres://throughline:…@localhost:5432");
}
