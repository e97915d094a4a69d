using System.Text.Json;

namespace Throughline.Verify.Tests.Faults;

/// <summary>The changes of <c>mutation/releases.json</c>, which are made to the program's text and would else be forgotten by it.</summary>
public sealed class BadReleases
{
    [Fact]
    public void Each_change_is_where_it_is_made()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Throughline.slnx"))) root = root.Parent!;
        using var releases = JsonDocument.Parse(File.ReadAllText(Path.Combine(root.FullName, "mutation", "releases.json")));

        Assert.NotEmpty(releases.RootElement.EnumerateArray());
        Assert.All(releases.RootElement.EnumerateArray(), release =>
        {
            var text = File.ReadAllText(Path.Combine(root.FullName, "src", release.GetProperty("file").GetString()!));
            Assert.Equal(2, text.Split(release.GetProperty("old").GetString()!).Length);
            Assert.Contains("CHANGED", release.GetProperty("new").GetString()!, StringComparison.Ordinal);
        });
    }
}
