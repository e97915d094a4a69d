using System.Reflection;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Stack;

/// <summary>One process of the stack: what it runs, where it first tries to listen, and what it is told.</summary>
/// <param name="Name">Unique in the stack: <c>backend</c>, <c>backend.2</c>.</param>
/// <param name="Service">The service's name in discovery.</param>
internal sealed record ServiceSpec(
    string Name, string Service, int Node, string Program, int Port, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Where a build puts the program of a service: beside this launcher's own folder.</summary>
    /// <remarks><c>artifacts/bin/Launcher/release/</c> → <c>artifacts/bin/Backend/release/</c></remarks>
    public static string Locate(string service)
    {
        var project = char.ToUpperInvariant(service[0]) + service[1..];
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var folder = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name);
        var program = Path.Combine(folder, $"Throughline.{project}.dll");
        return File.Exists(program)
            ? program
            : throw new LauncherException(ExitCode.MissingDependency, $"{program} is missing: the {service} is not built.", "Run ./throughline, which builds what it needs.");
    }

    public static string Version { get; } =
        typeof(ServiceSpec).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
