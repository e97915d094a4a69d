using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Runs;

/// <summary>Gives logged events their types.</summary>
public static class EventReading
{
    /// <summary>The event as its AG-UI type.</summary>
    /// <returns>A plain <see cref="AgUiEvent"/> for a type that is newer than this client: skip it.</returns>
    public static AgUiEvent ToAgUiEvent(this LoggedEvent entry) =>
        entry.Event.Deserialize(WireJson.Default.AgUiEvent) ?? new AgUiEvent();
}
