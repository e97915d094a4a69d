using System.Diagnostics.Metrics;

namespace Throughline.Backend.Breakers;

/// <summary>Where the circuit breakers stand.</summary>
internal sealed class BreakerMetrics
{
    public BreakerMetrics(IMeterFactory meters, DependencyBreakers breakers) =>
        meters.Create("Throughline.Backend").CreateObservableGauge("backend.breakers.state", () => breakers.States.Select(state => new Measurement<int>(
            state.State switch { "open" => 2, "half_open" => 1, _ => 0 }, KeyValuePair.Create<string, object?>("dependency", state.Dependency))),
            description: "0 closed, 1 half-open, 2 open.");
}
