using Throughline.Testing;
using Throughline.Testing.Telemetry;

namespace Throughline.Backend.Tests.Telemetry;

/// <summary>The platform with a collector that its services send their spans to.</summary>
public sealed class TracedPlatform : Platform
{
    public OtlpCollector Collector { get; } = new();

    protected override IReadOnlyDictionary<string, string> Environment => Collector.Settings;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await Collector.DisposeAsync();
    }
}

/// <summary>They take turns: one of them kills the backend, and one counts what it does.</summary>
[CollectionDefinition(Name)]
public sealed class Traced : ICollectionFixture<TracedPlatform>
{
    public const string Name = "traced";
}
