using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Tools;

/// <param name="Prices">The price table that everything is priced by.</param>
public sealed record ToolContext(UsageSession Session, PriceTable Prices);

/// <summary>One analysis: arguments in, facts out; the same facts each time for the same files, arguments and price table.</summary>
public interface IUsageTool
{
    /// <summary>As tool calls and facts name it.</summary>
    string Name { get; }

    /// <summary>What it does, for a model that chooses tools and for a person.</summary>
    string Description { get; }

    /// <summary>Rises when its arithmetic changes.</summary>
    int Version { get; }

    /// <param name="arguments">JSON of the tool's own arguments record.</param>
    Task<ToolOutput> RunAsync(ToolContext context, string arguments, CancellationToken cancellationToken);
}

internal abstract class UsageTool<TArguments>(string name, int version, string description, JsonTypeInfo<TArguments> type) : IUsageTool
    where TArguments : ToolArguments
{
    public string Name => name;

    public string Description => description;

    public int Version => version;

    public async Task<ToolOutput> RunAsync(ToolContext context, string arguments, CancellationToken cancellationToken)
    {
        var read = JsonSerializer.Deserialize(arguments, type) ?? throw new JsonException($"{name} needs arguments.");
        var pricing = context.Session.Files.Count == 0
            ? Pricing.None(context.Prices)
            : await Pricing.EnsureAsync(context.Session, context.Prices, read.Scope, cancellationToken);
        return await RunAsync(new Work(context.Session, context.Prices, pricing, read.Scope), read, cancellationToken);
    }

    protected abstract Task<ToolOutput> RunAsync(Work work, TArguments arguments, CancellationToken cancellationToken);
}

/// <summary>What a tool works with.</summary>
internal sealed record Work(UsageSession Session, PriceTable Prices, Pricing Pricing, UsageScope Scope)
{
    public RowFilter Rows => RowFilter.Of(Scope);

    public string Key(string key) => Scope.Key(key);

    /// <summary>Names in priced rows: as the file spells them, or the assumed one.</summary>
    public string? NameOf(string? model) => Scope.AssumedModel is null ? model : Pricing.Slots is [var slot] ? slot.Row.Model : Scope.AssumedModel;
}
