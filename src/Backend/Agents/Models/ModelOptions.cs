using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;

namespace Throughline.Backend.Agents.Models;

/// <summary>A language model that phrases answers. Configuration section <c>Model</c>.</summary>
public sealed class ModelOptions : IValidatableObject
{
    /// <summary>Base address of an OpenAI-compatible API, e.g. <c>http://localhost:11434/v1</c>.</summary>
    /// <value>Absent: answers are phrased without a model.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>The model's name there.</summary>
    public string Name { get; set; } = "default";

    /// <summary>From the environment or a file only; absent where the API asks for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Longest that one answer of the model may take.</summary>
    /// <value>100 ms to 10 minutes. Default: 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Tokens that one user's questions may take of the model in 24 hours. Beyond them answers are phrased without it.</summary>
    /// <value>1,000 to 1,000,000,000,000. Default: 2,000,000.</value>
    [Range(1_000, 1_000_000_000_000)]
    public long TokensPerUser { get; set; } = 2_000_000;

    /// <summary>US dollars that one user's questions may cost in 24 hours.</summary>
    /// <value>0.01 to 1,000,000. Absent: as much as the tokens.</value>
    [Range(0.01, 1_000_000)]
    public decimal? MoneyPerUser { get; set; }

    /// <summary>US dollars that all users' questions together may cost in 24 hours.</summary>
    /// <value>0.01 to 1,000,000. Absent: as much as the tokens.</value>
    [Range(0.01, 1_000_000)]
    public decimal? MoneyOfAll { get; set; }

    /// <summary>US dollars per million tokens that are sent.</summary>
    /// <value>0 to 100,000. Absent: the list price of the model's name.</value>
    [Range(0, 100_000)]
    public decimal? InputPrice { get; set; }

    /// <summary>US dollars per million tokens that come back.</summary>
    /// <value>0 to 100,000. Absent: the list price of the model's name.</value>
    [Range(0, 100_000)]
    public decimal? OutputPrice { get; set; }

    /// <returns>Null where the model has no price: what is unknown is never counted as nothing.</returns>
    internal (decimal Input, decimal Output)? PriceAt(PriceTable prices, DateOnly day)
    {
        if (InputPrice is { } input && OutputPrice is { } output) return (input, output);
        return prices.Resolve(Name) is { } model && prices.Find(model, day) is { } row ? (row.Input, row.Output) : null;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is not null && (MoneyPerUser ?? MoneyOfAll) is not null && PriceAt(PriceTable.Current, DateOnly.MaxValue) is null)
            yield return new($"Model:Name is '{Name}', which has no list price, so Model:MoneyPerUser and Model:MoneyOfAll cannot be kept: set Model:InputPrice and Model:OutputPrice.", [nameof(Name)]);
        if (Endpoint is not (null or { IsAbsoluteUri: true, Scheme: "http" or "https" }))
            yield return new($"Model:Endpoint is '{Endpoint}', which is no URL: set it to the base address of an OpenAI-compatible API, or unset it.", [nameof(Endpoint)]);
    }
}

[OptionsValidator]
internal sealed partial class ModelOptionsValidator : IValidateOptions<ModelOptions>;
