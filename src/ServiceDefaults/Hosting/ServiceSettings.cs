using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Settings of one service: <c>settings/&lt;service&gt;.json</c> in the state folder, in the shape of appsettings.json. Optional, for the
/// owner only. They win over the environment, which all services of a launcher share: this is how an operator tells one of them something else.
/// </summary>
public static class ServiceSettings
{
    public const string Folder = "settings";

    /// <summary>What the launcher tells each service and counts on.</summary>
    private static readonly string[] NotHere = ["State", "Launcher", "Discovery"];

    public static string PathOf(string stateRoot, string service) => Path.Combine(stateRoot, Folder, $"{service}.json");

    /// <returns>The settings by configuration key; null where there is no such file.</returns>
    /// <exception cref="StartupException">The file is of no use; exit code 2. What it holds is not repeated.</exception>
    public static IReadOnlyDictionary<string, string?>? Read(string stateRoot, string service)
    {
        var path = PathOf(stateRoot, service);
        if (!File.Exists(path)) return null;
        if (OwnerOnly.FaultOf(path) is { } fault)
            throw new StartupException(ExitCode.Configuration, $"{path} may hold secrets, and {fault}: run chmod 600 '{path}'.");
        var settings = Parse(path).AsEnumerable().Where(s => s.Value is not null).ToDictionary(s => s.Key, s => s.Value, StringComparer.OrdinalIgnoreCase);
        return settings.Keys.FirstOrDefault(key => NotHere.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase)) is { } key
            ? throw new StartupException(ExitCode.Configuration, $"{path} sets {key}, which the launcher decides: remove it.")
            : settings;
    }

    /// <summary>Adds them above every other source; from here on what is wrong with the configuration is told in one line. Calling it again changes nothing.</summary>
    public static void AddServiceSettings(this IHostApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ServiceHost.ReportUnhandled(service);
        if (builder.Configuration["State:Directory"] is not { Length: > 0 } root || builder.Configuration.Sources.OfType<Source>().Any()) return;
        if (Read(root, service) is { } settings) builder.Configuration.Sources.Add(new Source { InitialData = settings });
    }

    private static IConfiguration Parse(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(file).Build();
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            var line = (e.GetBaseException() as JsonException)?.LineNumber;
            throw new StartupException(
                ExitCode.Configuration, $"{path} is not the JSON of settings{(line is null ? "" : $" (line {line + 1})")}: mend it, or remove it.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartupException(ExitCode.Configuration, $"{path} cannot be read ({e.Message}): give it to the user who runs the services.");
        }
    }

    private sealed class Source : MemoryConfigurationSource;
}
