using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Testing;

namespace Throughline.Auth.Tests;

/// <summary>A real auth, as the launcher would start it: its own state folder, its own port, found through its discovery record.</summary>
internal sealed class AuthProcess : IAsyncDisposable
{
    public const string Issuer = "http://localhost:3000";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, string> _settings;
    private Process? _process;
    private StringWriter _output = new();

    private AuthProcess(IReadOnlyDictionary<string, string> settings)
    {
        State = Directory.CreateTempSubdirectory("throughline-auth-tests-").FullName;
        Directory.CreateDirectory(Path.Combine(State, "secrets"));
        foreach (var secret in (string[])["client-backend", "client-frontend", "client-operator", "admin-password", "store-password"])
            File.WriteAllText(Path.Combine(State, "secrets", secret), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        _settings = new(settings)
        {
            ["State__Directory"] = State,
            ["State__Run"] = Guid.CreateVersion7().ToString(),
            ["Listen__Port"] = "0",
            ["Auth__Issuer"] = Issuer,
            ["Launcher__Lifeline"] = "stdin",
        };
        // All tests share this machine's address.
        foreach (var limit in (string[])["SignUpsPerMinute", "FailedLoginsPerAddress", "LoginFailuresPerAddress", "LoginFailuresPerAccount", "CodesPerAddress"])
            _settings.TryAdd($"Accounts__{limit}", "100000");
        foreach (var (key, value) in QuickestHash.Settings)
            _settings.TryAdd(key, value);
        _settings.TryAdd("Passkeys__FailedLoginsPerAddress", "100000");
        _settings.TryAdd("Devices__RequestsPerMinute", "100000");
        _settings.TryAdd("Devices__Interval", "00:00:01");
    }

    public string State { get; }

    /// <summary>What it is started with, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What it has printed since its last start.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public static async Task<AuthProcess> StartAsync(CancellationToken cancellationToken, params (string Key, string Value)[] settings)
    {
        var auth = new AuthProcess(settings.ToDictionary(s => s.Key, s => s.Value));
        await SharedStore.LendAsync(auth, cancellationToken);
        try
        {
            await auth.StartAsync(cancellationToken);
            return auth;
        }
        catch
        {
            await auth.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes a setting for the next start.</summary>
    public void Set(string key, string value) => _settings[key] = value;

    /// <summary>Leaves a setting at its default from the next start on.</summary>
    public void Unset(string key) => _settings.Remove(key);

    public string Secret(string name) => File.ReadAllText(Path.Combine(State, "secrets", name));

    /// <summary>Starts on the same state.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var process = Launch();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        var record = Path.Combine(State, ".service_discovery", "auth.json");
        while (true)
        {
            if (process.HasExited) throw new InvalidOperationException($"auth ended with {process.ExitCode}: {Output}");
            if (ReadRecord(record, process.Id) is { } address)
            {
                Address = address;
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>Waits until it has printed <paramref name="text"/> since its last start.</summary>
    public async Task WaitForOutputAsync(string text, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        while (!Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
    }

    /// <summary>Starts where no start is expected to succeed.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StartInVainAsync(CancellationToken cancellationToken)
    {
        var process = Launch();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode;
    }

    /// <summary>Stops as the launcher's death would: its standard input ends.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"auth did not stop: {Output}");
        }
        finally
        {
            process.Dispose();
        }
    }

    /// <summary><c>kill -9</c>, of this process only, and its end.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (_process is not { } process) return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(State, recursive: true);
    }

    private Process Launch()
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Throughline.slnx"))) root = root.Parent!;
        var assembly = Path.Combine(root.FullName, "artifacts", "bin", "Auth", configuration, "Throughline.Auth.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [assembly])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in _settings) start.Environment[key] = value;
        var output = _output = new StringWriter();
        var process = _process = Process.Start(start) ?? throw new InvalidOperationException("auth did not start.");
        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output) output.WriteLine(line.Data);
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static Uri? ReadRecord(string path, int pid)
    {
        if (!File.Exists(path)) return null;
        var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.DiscoveryRecord)!;
        return record.Pid == pid ? new Uri(record.ApiUrl) : null;
    }
}
