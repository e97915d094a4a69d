using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

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

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is not (null or { IsAbsoluteUri: true, Scheme: "http" or "https" }))
            yield return new($"Model:Endpoint is '{Endpoint}', which is no URL: set it to the base address of an OpenAI-compatible API, or unset it.", [nameof(Endpoint)]);
    }
}

[OptionsValidator]
internal sealed partial class ModelOptionsValidator : IValidateOptions<ModelOptions>;
