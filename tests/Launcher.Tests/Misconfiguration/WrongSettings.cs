using System.Security.Cryptography;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>Settings, secrets and key files with which no service can start.</summary>
public sealed class WrongSettings
{
    private const string LongSecret = "a-secret-that-is-long-enough-and-stays-ours";

    private static readonly Mistake[] Mistakes =
    [
        new("secret too short", "auth", 2, "JWT_SECRET_KEY is 9 bytes long", "32 bytes or more") { Environment = Set("JWT_SECRET_KEY", "too-short"), Secret = "too-short" },
        new("secret with a line break", "backend", 2, "JWT_SECRET_KEY begins or ends with white space", "remove it") { Environment = Set("JWT_SECRET_KEY", LongSecret + "\n"), Secret = LongSecret },
        new("secret that is empty", "auth", 2, "JWT_SECRET_KEY is empty", "unset it") { Environment = Set("JWT_SECRET_KEY", "") },
        new("issuer missing", "backend", 2, "Auth:Issuer is missing: set it to the public origin") { Environment = Set("Auth__Issuer", "") },
        new("issuer that is no URL", "auth", 2, "Auth:Issuer is 'our company', which is no URL: set it to") { Environment = Set("Auth__Issuer", "our company") },
        new("port out of range", "frontend", 2, "Listen:Port is 70000; it must lie between 0 and 65535") { Environment = Set("Listen__Port", "70000") },
        new("port that is no number", "auth", 2, "Listen:Port is 'http': set it to a whole number") { Environment = Set("Listen__Port", "http") },
        new("limit out of range", "auth", 2, "Accounts:SignUpsPerMinute is '0': set it to a value from 1 to 1000000") { Environment = Set("Accounts__SignUpsPerMinute", "0") },
        new("time out of range", "auth", 2, "Tokens:AccessLifetime is '02:00:00': set it to a value from 00:00:01 to 01:00:00") { Environment = Set("Tokens__AccessLifetime", "02:00:00") },
        new("time that is none", "auth", 2, "Tokens:AccessLifetime is 'soon': set it to a time, such as 00:00:30") { Environment = Set("Tokens__AccessLifetime", "soon") },
        new("rotation faster than publication", "auth", 2, "SigningKeys:RotateEvery is shorter than SigningKeys:PublishFor") { Environment = Set("SigningKeys__RotateEvery", "00:00:03") },
        new("unknown database", "auth", 2, "Database:Provider is 'oracle': set it to sqlite or postgres") { Environment = Set("Database__Provider", "oracle") },
        new("database without its address", "backend", 2, "Database:ConnectionString is missing") { Environment = Set("Database__Provider", "postgres") },
        new("address of a service that is no URL", "backend", 2, "Services:auth is 'auth.internal', which is no URL: set it to the address of auth") { Environment = Set("Services__auth", "auth.internal") },
        new("certificate missing", "frontend", 2, "Frontend:Certificate is '/no/such.pfx'; there is no such file") { Environment = Set("Frontend__Certificate", "/no/such.pfx") },
        new("certificate that is none", "frontend", 2, "Frontend:Certificate is ", "which cannot be opened", "name a PKCS#12 file")
        {
            Environment = Set("Frontend__Certificate", Path.Combine(AppContext.BaseDirectory, "Throughline.Launcher.Tests.dll")),
        },
        new("open to others without a certificate", "frontend", 2, "Listen:Host is '0.0.0.0', which others can reach: set Frontend:Certificate") { Environment = Set("Listen__Host", "0.0.0.0") },
        new("model that is no URL", "backend", 2, "Model:Endpoint is 'ollama', which is no URL") { Environment = Set("Model__Endpoint", "ollama") },
        new("settings that are no JSON", "auth", 2, "{state}/settings/auth.json is not the JSON of settings (line 2)", "mend it, or remove it") { Spoil = s => Settings(s, "auth", "{\n \"Tokens\": }") },
        new("settings that others may read", "auth", 2, "{state}/settings/auth.json", "others may read it", "chmod 600") { Spoil = s => MakeReadable(Settings(s, "auth", "{}")) },
        new("settings that move the state", "store", 2, "{state}/settings/store.json sets State:Directory, which the launcher decides") { Spoil = s => Settings(s, "store", """{"State":{"Directory":"/"}}""") },
        new("state folder missing", "auth", 2, "State:Directory is '/no/such/folder'; there is no such folder") { Environment = Set("State__Directory", "/no/such/folder") },
        new("secret file missing", "auth", 2, "The secret {state}/secrets/client-frontend is missing; restore it") { Spoil = s => File.Delete(s.PathOf("secrets", "client-frontend")) },
        new("secret file empty", "store", 2, "The secret {state}/secrets/store-password is missing; restore it") { Spoil = s => File.WriteAllText(s.PathOf("secrets", "store-password"), "\n") },
        new("master key truncated", "auth", 2, "{state}/keys/auth.key does not hold 32 bytes in base64: restore it") { Spoil = s => Key(s, Convert.ToBase64String(RandomNumberGenerator.GetBytes(31))) },
        new("master key unreadable", "auth", 2, "{state}/keys/auth.key cannot be read", "give it to the user who runs auth") { Spoil = s => Private(s.PathOf("keys", "auth.key")) },
        new("master key that others may read", "auth", 2, "{state}/keys/auth.key is the master key, and others may read it", "chmod 600") { Spoil = s => MakeReadable(Key(s, NewKey())) },
        new("master key lost", "auth", 2, "{state}/keys/auth.key is missing: restore it") { Spoil = s => { Key(s, NewKey()); Check(s); File.Delete(s.PathOf("keys", "auth.key")); } },
        new("master key of another state", "auth", 3, "{state}/keys/auth.key is not the master key that this state's database was written with: restore") { Spoil = s => { Key(s, NewKey()); Check(s); } },
    ];

    public static TheoryData<string> Kinds => Mistake.KindsOf(Mistakes);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task End_the_start_with_one_line_that_says_what_to_do(string kind)
    {
        using var state = new TestState().WithSecrets();
        await Mistakes.Single(m => m.Kind == kind).ExplainedAsync(state, TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, string> Set(string key, string value) => new() { [key] = value };

    private static string Settings(TestState state, string service, string json) => Private(state.PathOf("settings", $"{service}.json"), json);

    private static string Key(TestState state, string text) => Private(state.PathOf("keys", "auth.key"), text);

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>As if a start with another key had been before.</summary>
    private static void Check(TestState state) => ServiceDefaults.MasterKeyCheck.Require(state.Root, RandomNumberGenerator.GetBytes(32));

    /// <summary>A folder in a file's place: not even root reads that.</summary>
    private static void Private(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Private(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static void MakeReadable(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
#pragma warning disable CA1416 // Skipped there.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
#pragma warning restore CA1416
    }
}
