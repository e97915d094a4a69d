using System.Globalization;
using System.Text;
using Throughline.Contracts.Accounts;

namespace Throughline.Launcher.Audit;

/// <summary>An entry in one line of a terminal.</summary>
internal static class AuditText
{
    public static string LineOf(AuditRecord entry)
    {
        var line = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"{entry.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {entry.Seq,7} {entry.Event,-18} {entry.Outcome,-7}"));
        if (entry.UserId is { } user) line.Append($" user {user}");
        if (entry.ActorId is { } actor) line.Append($" by {actor}");
        if (entry.SessionId is { } session) line.Append($" session {session}");
        if (entry.Address is { } address) line.Append($" from {address}");
        if (entry.Detail is { } detail) line.Append($": {detail}");
        if (entry.UserAgent is { } agent) line.Append($" ({agent})");
        return Harmless(line);
    }

    /// <summary>Some of it was sent by strangers: nothing in it may steer the terminal.</summary>
    private static string Harmless(StringBuilder line)
    {
        for (var i = 0; i < line.Length; i++)
            if (char.IsControl(line[i])) line[i] = '\uFFFD';
        return line.ToString();
    }
}
