using System.Text.Json;

namespace Throughline.Verify.Checks.Composition;

/// <summary>Which of our projects need which, as the build wrote it beside each program (<c>.deps.json</c>).</summary>
internal static class Dependencies
{
    public static Dictionary<string, IReadOnlyList<string>> Of(string program)
    {
        var path = Path.ChangeExtension(program, ".deps.json");
        if (!File.Exists(path)) return [];
        var target = JsonElement.Parse(File.ReadAllBytes(path)).Member("targets").EnumerateObject().First().Value;
        return target.EnumerateObject().Where(p => IsOurs(p.Name)).ToDictionary(
            p => NameOf(p.Name), p => (IReadOnlyList<string>)[.. p.Value.Find("dependencies")?.EnumerateObject().Select(d => NameOf(d.Name)).Where(IsOurs) ?? []]);
    }

    /// <summary>Everything that a project needs, directly or by others.</summary>
    public static HashSet<string> Reach(IReadOnlyDictionary<string, IReadOnlyList<string>> projects, string from)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(projects.GetValueOrDefault(from) ?? []);
        while (open.TryPop(out var next))
            if (reached.Add(next))
                foreach (var need in projects.GetValueOrDefault(next) ?? []) open.Push(need);
        return reached;
    }

    /// <remarks>A project is called as its folder, its assembly with our name before it.</remarks>
    private static string NameOf(string name)
    {
        var bare = name.Split('/')[0];
        return bare.StartsWith("Throughline.", StringComparison.Ordinal) ? bare : $"Throughline.{bare}";
    }

    private static bool IsOurs(string name) => Ours.Contains(NameOf(name)["Throughline.".Length..]);

    private static readonly HashSet<string> Ours = ["Analysis", "Auth", "Backend", "Client", "Contracts", "Frontend", "Launcher", "ServiceDefaults", "Store", "Verify", "Web"];
}
