// Shows that `verify` sees a bad release of the program, and what it names.
//   dotnet run mutation/releases.cs               all changes of releases.json
//   dotnet run mutation/releases.cs any-origin    some, by their names
// A copy of what is committed is built once, with every change in it; the environment says which of them is in force. So nothing of it is in the
// product. Each change is one line that a careless hand may write. Ends with 1 where a change was not seen, or another cause came first.

using System.Diagnostics;
using System.Text.Json;

const string InForce = "THROUGHLINE_BAD_RELEASE";
var root = (await RunAsync("git", ["rev-parse", "--show-toplevel"], ".")).Output.Trim();
var all = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(root, "mutation", "releases.json")), ReleaseJson.Default.ReleaseArray)!;
var unknown = args.Except(all.Select(r => r.Name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"There is no change '{unknown[0]}'. There are: {string.Join(", ", all.Select(r => r.Name))}");
    return 2;
}

var copy = Directory.CreateTempSubdirectory("throughline-releases-").FullName;
try
{
    await RunAsync("git", ["clone", "--quiet", root, copy], ".");
    foreach (var release in all) Change(copy, release);
    Console.WriteLine("building");
    // A change need not be well written.
    var build = await RunAsync("dotnet", ["build", "-c", "Release", "--nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false"], copy);
    if (build.Code != 0)
    {
        Console.Error.WriteLine(build.Output);
        return 3;
    }

    var chosen = args.Length == 0 ? all : [.. all.Where(r => args.Contains(r.Name))];
    var results = new List<(bool Seen, bool Named)>();
    foreach (var release in chosen) results.Add(await VerifyAsync(copy, release));
    Console.WriteLine($"{results.Count(r => r.Seen)} of {results.Count} seen, {results.Count(r => r.Named)} of them named as expected");
    return results.All(r => r.Named) ? 0 : 1;
}
finally
{
    Directory.Delete(copy, recursive: true);
}

static void Change(string copy, Release release)
{
    var path = Path.Combine(copy, "src", release.File);
    var text = File.ReadAllText(path);
    if (text.Split(release.Old).Length != 2) throw new InvalidOperationException($"{release.Name}: {release.File} does not have once: {release.Old}");
    var condition = $"(Environment.GetEnvironmentVariable(\"{InForce}\") == \"{release.Name}\")";
    File.WriteAllText(path, text.Replace(release.Old, release.New.Replace("CHANGED", condition, StringComparison.Ordinal), StringComparison.Ordinal));
}

static async Task<(bool Seen, bool Named)> VerifyAsync(string copy, Release release)
{
    var reports = Path.Combine(copy, "reports", release.Name);
    await RunAsync("dotnet", ["artifacts/bin/Launcher/release/Throughline.Launcher.dll", "verify", "--browser", "off", "--only", release.Checks, "--format", "json", "--out", reports], copy, release.Name);
    using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(reports, "verify.json")));
    var result = report.RootElement.GetProperty("result");
    var causes = result.GetProperty("causes").EnumerateArray().Select(c => c.GetProperty("id").GetString()!).ToList();
    var isNamed = causes.Count > 0 && release.Cause.Split('|').Any(cause => causes[0].StartsWith(cause, StringComparison.Ordinal));
    var isSeen = result.GetProperty("exitCode").GetInt32() == 1;
    Console.WriteLine($"{(isNamed ? "named" : isSeen ? "MISNAMED" : "NOT SEEN"),-9} {release.Name,-30} {string.Join(", ", causes)}{(isNamed ? "" : $" instead of {release.Cause}")}");
    return (isSeen, isNamed);
}

static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string folder, string? inForce = null)
{
    var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
    if (inForce is not null) start.Environment[InForce] = inForce;
    using var process = Process.Start(start)!;
    var errors = process.StandardError.ReadToEndAsync();
    var output = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return (process.ExitCode, output + await errors);
}

/// <param name="Checks">The checks that look at what is changed.</param>
/// <param name="Cause">What must be named first, by the beginning of its id; several by <c>|</c>.</param>
/// <param name="Old">A text that the file, under <c>src</c>, has once.</param>
/// <param name="New">What takes its place; <c>CHANGED</c> is true while the change is in force.</param>
internal sealed record Release(string Name, string Checks, string Cause, string File, string Old, string New);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Release[]))]
internal sealed partial class ReleaseJson : System.Text.Json.Serialization.JsonSerializerContext;
