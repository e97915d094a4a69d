using Microsoft.Extensions.Configuration;

namespace Throughline.ServiceDefaults;

/// <summary>The addresses under <c>Services</c>, where no launcher runs and discovery has none.</summary>
public static class ConfiguredAddresses
{
    /// <returns>One sentence with the remedy for the first that is none; else null.</returns>
    public static string? FaultOf(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.GetSection("Services").GetChildren().Where(s => s.Value is { Length: > 0 } text && !IsAddress(text))
            .Select(s => $"{s.Path} is '{s.Value}', which is no URL: set it to the address of {s.Key}, for example http://127.0.0.1:8001.").FirstOrDefault();
    }

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https" or "redis", Host.Length: > 0 };
}
