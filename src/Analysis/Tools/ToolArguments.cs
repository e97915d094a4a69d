using System.Text.Json.Serialization;

namespace Throughline.Analysis.Tools;

/// <summary>Arguments that every tool takes.</summary>
public record ToolArguments(UsageScope Scope);

/// <param name="By"><c>model</c>, <c>user</c>, <c>feature</c>, <c>team</c>.</param>
/// <param name="Top">How many are listed.</param>
public sealed record BreakdownArguments(UsageScope Scope, string By, int Top = 10) : ToolArguments(Scope);

/// <param name="Top">How many are listed.</param>
/// <param name="Order"><c>cost</c> or <c>tokens</c>.</param>
/// <param name="MinTokens">Only requests with more tokens than this.</param>
public sealed record TopRequestsArguments(UsageScope Scope, int Top = 10, string Order = "cost", long? MinTokens = null) : ToolArguments(Scope);

/// <param name="Model">The model that the same requests are priced at, at the list price of <see cref="UsageScope.PricedOn"/>.</param>
public sealed record WhatIfArguments(UsageScope Scope, string Model) : ToolArguments(Scope);

/// <param name="Models">The models whose prices are listed.</param>
public sealed record PriceListArguments(UsageScope Scope, IReadOnlyList<string> Models) : ToolArguments(Scope);

/// <param name="Amount">US dollars above 0, as the user said it.</param>
/// <param name="Per"><c>day</c> or <c>month</c>.</param>
public sealed record AmountArguments(UsageScope Scope, decimal Amount, string Per = "month") : ToolArguments(Scope);

/// <summary>How arguments are written: camelCase, absent instead of null, so that their hash is stable.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ToolArguments))]
[JsonSerializable(typeof(BreakdownArguments))]
[JsonSerializable(typeof(TopRequestsArguments))]
[JsonSerializable(typeof(WhatIfArguments))]
[JsonSerializable(typeof(PriceListArguments))]
[JsonSerializable(typeof(AmountArguments))]
[JsonSerializable(typeof(ToolOutput))]
[JsonSerializable(typeof(DataProfile))]
public sealed partial class ToolJson : JsonSerializerContext;
