using System.Diagnostics;
using Xunit;

namespace Throughline.Testing;

/// <summary>A throw-away PostgreSQL server on a free loopback port. Each caller makes its own database in it.</summary>
/// <remarks>The server refuses to run as root, so root hands it to the user <c>postgres</c>, whom the package made.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"throughline-postgres-{Guid.NewGuid():N}");
    private readonly int _port = Machine.FreePort();
    private string _programs = "";

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"t{Guid.NewGuid():N}";
        await Machine.RunAsync(Path.Combine(_programs, "createdb"), [.. Where, name], cancellationToken);
        return $"Host=127.0.0.1;Port={_port};Database={name};Username=throughline";
    }

    /// <summary>Runs statements as the server's superuser.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) =>
        Machine.RunAsync(Path.Combine(_programs, "psql"), [.. Where, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-c", sql], cancellationToken);

    /// <summary>From now on the server asks this role for its password; it trusts all others.</summary>
    public async Task DistrustAsync(string role, CancellationToken cancellationToken)
    {
        var rules = Path.Combine(_data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all {role} 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules, cancellationToken)}", cancellationToken);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
    }

    /// <summary>Connection string without a database, for a program that makes its own.</summary>
    public string Address => $"Host=127.0.0.1;Port={_port};Username=throughline";

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _programs = await FindProgramsAsync(cancellationToken);
        Directory.CreateDirectory(_data);
        if (Environment.IsPrivilegedProcess)
            await Machine.RunAsync("chown", ["postgres", _data], cancellationToken);

        await AsServerAsync("initdb", ["-D", _data, "-U", "throughline", "--auth=trust", "--no-sync"], cancellationToken);
        // pg_ctl -w returns when the server answers.
        await AsServerAsync(
            "pg_ctl",
            ["-D", _data, "-w", "-t", "30", "-l", Path.Combine(_data, "log"), "-o", $"-p {_port} -c listen_addresses=127.0.0.1 -k {_data} -c max_connections=200", "start"],
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_data, "postmaster.pid")))
            await AsServerAsync("pg_ctl", ["-D", _data, "-w", "-m", "immediate", "stop"], CancellationToken.None);
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    private string[] Where => ["-h", "127.0.0.1", "-p", $"{_port}", "-U", "throughline"];

    private static async Task<string> FindProgramsAsync(CancellationToken cancellationToken)
    {
        var config = Machine.Require("PostgreSQL", "pg_config");
        var folder = (await Machine.RunAsync(config, ["--bindir"], cancellationToken)).Trim();
        Machine.Require("The PostgreSQL server", Path.Combine(folder, "postgres"));
        return folder;
    }

    private async Task AsServerAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_programs, program);
        // The server keeps the pipes of whoever starts it, so nothing is redirected here.
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", "sh", "-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", path, .. arguments])
            : new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", path, .. arguments]);
        start.WorkingDirectory = Path.GetTempPath();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}; the server's log is in {_data}.");
    }
}
