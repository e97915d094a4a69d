using System.Diagnostics;
using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Up;

/// <summary><c>up --detach</c>: a second launcher in the background; this one returns when that one is ready, or says why it is not.</summary>
internal static class DetachedStart
{
    /// <summary>Tells the second launcher what it is.</summary>
    public const string Marker = "THROUGHLINE_DETACHED";

    public static bool IsDetached => Environment.GetEnvironmentVariable(Marker) == "1";

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, IReporter reporter, CancellationToken cancellationToken)
    {
        using var process = Process.Start(StartInfo(arguments, environment)) ?? throw new InvalidOperationException("The launcher did not start in the background.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (JsonSerializer.Deserialize(line, LauncherJson.Default.StackEvent) is not { } @event)
                continue;
            reporter.Report(@event);
            if (@event.Event == "ready")
                return ExitCode.Stopped;
        }

        await process.WaitForExitAsync(cancellationToken);
        await Console.Error.WriteAsync(await errors);
        return process.ExitCode;
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var own = Environment.ProcessPath!;
        var start = new ProcessStartInfo(own)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        // `dotnet Throughline.Launcher.dll` or its own executable
        if (Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(typeof(DetachedStart).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment[Marker] = "1";
        return start;
    }
}
