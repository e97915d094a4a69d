using Microsoft.Extensions.Options;

namespace Throughline.Auth.Proof;

/// <summary>How verify is started from the Proof page. Configuration section <c>Proof</c>; the launcher sets it.</summary>
internal sealed class ProofOptions
{
    /// <summary>The executable of the launcher.</summary>
    /// <value>Default: none, and verify cannot be run from the page.</value>
    public string? Program { get; set; }

    /// <summary>The launcher's assembly, where <see cref="Program"/> is <c>dotnet</c>.</summary>
    public string? Assembly { get; set; }
}

internal sealed class ProofOptionsValidator : IValidateOptions<ProofOptions>
{
    public ValidateOptionsResult Validate(string? name, ProofOptions options) =>
        options.Assembly is { } assembly && !File.Exists(assembly) ? ValidateOptionsResult.Fail($"Proof:Assembly is '{assembly}'; there is no such file.") : ValidateOptionsResult.Success;
}
