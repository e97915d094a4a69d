using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.SigningKeys;

/// <summary>When signing keys change. Configuration section <c>SigningKeys</c>.</summary>
internal sealed class SigningKeyOptions : IValidatableObject
{
    /// <summary>How long a key signs before the next one does.</summary>
    /// <value>2 seconds to 10 years. Default: 90 days.</value>
    [Range(typeof(TimeSpan), "00:00:02", "3650.00:00:00", ErrorMessage = "SigningKeys:RotateEvery must be 2 seconds to 3650 days.")]
    public TimeSpan RotateEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is in the key set before it signs: at least twice as long as verifiers take to read the set again.</summary>
    /// <value>2 seconds to 1 day. Default: 10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:02", "1.00:00:00", ErrorMessage = "SigningKeys:PublishFor must be 2 seconds to 1 day.")]
    public TimeSpan PublishFor { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RotateEvery < PublishFor)
            yield return new("SigningKeys:RotateEvery is shorter than SigningKeys:PublishFor; make it longer.", [nameof(RotateEvery)]);
    }
}

[OptionsValidator]
internal sealed partial class SigningKeyOptionsValidator : IValidateOptions<SigningKeyOptions>;
