namespace Throughline.Testing;

/// <summary>What this checkout has built, in the configuration that the tests were built in.</summary>
public static class Artifacts
{
    /// <summary><c>artifacts/bin/Backend.Tests/debug/</c> → <c>artifacts/bin/Launcher/debug/Throughline.Launcher.dll</c></summary>
    public static string Program(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, $"Throughline.{project}.dll");
        return File.Exists(program) ? program : throw new FileNotFoundException($"{program} is not built; build the solution first.");
    }
}
