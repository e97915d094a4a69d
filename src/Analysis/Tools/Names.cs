namespace Throughline.Analysis.Tools;

/// <summary>Names from the data as parts of fact keys.</summary>
internal static class Names
{
    /// <summary>A name that templates can carry: braces would end a reference.</summary>
    public static string Slug(string? name) =>
        name is null ? "(none)" : string.Concat(name.Select(c => c is '{' or '}' || char.IsControl(c) ? '_' : c));

    /// <summary>The name as it is shown.</summary>
    public static string Shown(string? name) => string.IsNullOrEmpty(name) ? "(none)" : name;
}
