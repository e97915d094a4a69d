namespace Throughline.Bench.Sockets.Peers;

/// <summary>A way to bring events to sockets, from inside its server.</summary>
internal interface IPeer
{
    /// <summary>Makes users and streams 0 to <paramref name="streams"/> - 1.</summary>
    Task PrepareAsync(int streams);

    /// <summary>Publishes one event to all sockets of a stream; returns when the server takes the next one.</summary>
    ValueTask PublishAsync(int stream, long number);

    /// <summary>Done when everything that was published has been handed on.</summary>
    Task FlushAsync();

    /// <summary>Answers what only this server can be asked.</summary>
    Task<string> AnswerAsync(string[] command);
}
