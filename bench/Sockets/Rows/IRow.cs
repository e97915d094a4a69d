namespace Throughline.Bench.Sockets.Rows;

/// <summary>One line of the table: a kind of work, who does it, and what is wanted of it.</summary>
internal interface IRow
{
    /// <summary>For <c>--only</c>.</summary>
    string Name { get; }

    Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds);
}

/// <summary>Who takes part.</summary>
internal static class Kinds
{
    public const string Ours = "throughline", SignalR = "signalr", SocketIo = "socketio", Kestrel = "kestrel";

    public static string NameOf(string kind) => kind switch { Ours => "Throughline", SignalR => "SignalR", SocketIo => "Socket.IO", Kestrel => "raw Kestrel", _ => kind };

    /// <summary>Without Socket.IO where the machine has no node, or npm no network.</summary>
    public static async Task<IReadOnlyList<string>> HereAsync(params IEnumerable<string> kinds) =>
        await SocketIoFolder.FindAsync() is null ? [.. kinds.Where(kind => kind != SocketIo)] : [.. kinds];
}
