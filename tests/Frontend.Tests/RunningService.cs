using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Throughline.Frontend.Tests;

/// <summary>A throw-away state folder with the secrets that a launcher would make.</summary>
public sealed class StateFolder : IDisposable
{
    public StateFolder()
    {
        Directory.CreateDirectory(Path.Combine(Root, "secrets"));
        foreach (var secret in new[] { "client-frontend", "client-backend", "client-operator", "admin-password", "store-password" })
            File.WriteAllText(Path.Combine(Root, "secrets", secret), RandomNumberGenerator.GetHexString(48));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("throughline-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>A service as the launcher starts it: its built assembly, its own process, found by its discovery record.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _said;

    private RunningService(Process process, List<string> said, Uri address) => (_process, _said, Address) = (process, said, address);

    public Uri Address { get; }

    /// <summary>The first line with these words, as soon as it is there.</summary>
    public async Task<string> SaysAsync(string words, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            lock (_said)
                if (_said.Find(line => line.Contains(words, StringComparison.Ordinal)) is { } line) return line;
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    public static async Task<RunningService> StartAsync(
        string service, StateFolder state, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var name = char.ToUpperInvariant(service[0]) + service[1..];
        var start = new ProcessStartInfo("dotnet", [AssemblyOf(name)])
        {
            RedirectStandardInput = true, // its end of file ends the service, however this process ends
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["State__Directory"] = state.Root;
        start.Environment["Launcher__Lifeline"] = "stdin";
        start.Environment["Listen__Port"] = $"{FreePort()}";
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        var said = new List<string>();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new RunningService(process, said, await AddressAsync());

        void Keep(string? line)
        {
            lock (said)
                said.Add(line ?? "");
        }

        async Task<Uri> AddressAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            var record = Path.Combine(state.Root, ".service_discovery", $"{service}.json");
            try
            {
                while (await look.WaitForNextTickAsync(limit.Token))
                {
                    if (process.HasExited)
                        throw new InvalidOperationException($"{service} ended with {process.ExitCode}: {string.Join('\n', said)}");
                    if (File.Exists(record))
                        return new Uri((string)JsonNode.Parse(await File.ReadAllTextAsync(record, limit.Token))!["api_url"]!);
                }
            }
            catch (OperationCanceledException)
            {
                // falls through to the message
            }

            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{service} published no record: {string.Join('\n', said)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
    }

    public static int FreePort()
    {
        // Below 32768: above, a port may be taken by an outgoing connection between this look and the service's bind.
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(12_000, 32_000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: another
            }
        }
    }

    // …/tests/artifacts/bin/Frontend.Tests/<configuration>/ beside …/artifacts/bin/<Project>/<configuration>/
    private static string AssemblyOf(string project)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var assembly = Path.Combine(folder.FullName, "artifacts", "bin", project, configuration, $"Throughline.{project}.dll");
            if (File.Exists(assembly))
                return assembly;
        }

        throw new FileNotFoundException($"Throughline.{project} is not built.");
    }
}
