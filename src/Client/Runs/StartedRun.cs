namespace Throughline.Client.Runs;

/// <summary>A run that the service has taken on: durable, so it is answered even if everything restarts now.</summary>
/// <param name="Seq">The thread's head before the run: read after it.</param>
public sealed record StartedRun(string ThreadId, string RunId, long Seq);
