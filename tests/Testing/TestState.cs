using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;

namespace Throughline.Testing;

/// <summary>A state folder of a test's own, gone after it.</summary>
public sealed class TestState : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public TestState(string prefix = "throughline-test") => Root = Directory.CreateTempSubdirectory(prefix + "-").FullName; // mode 0700

    public string Root { get; }

    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Makes the secrets that the launcher would make, for a service that a test starts alone.</summary>
    public TestState WithSecrets()
    {
        Directory.CreateDirectory(PathOf("secrets"));
        foreach (var name in (string[])["store-password", "client-backend", "client-frontend", "client-operator", "admin-password"])
            File.WriteAllText(PathOf("secrets", name), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        return this;
    }

    /// <summary>The record as it stands, unverified; null while there is none.</summary>
    public DiscoveryRecord? ReadRecord(string name)
    {
        var path = PathOf(".service_discovery", $"{name}.json");
        return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.DiscoveryRecord) : null;
    }

    /// <summary>Waits for a record that satisfies <paramref name="isWanted"/>; the token is the deadline.</summary>
    public async Task<DiscoveryRecord> WaitForRecordAsync(string name, Func<DiscoveryRecord, bool> isWanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ReadRecord(name) is { } record && isWanted(record))
                return record;
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
