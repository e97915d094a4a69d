namespace Throughline.Analysis.Tests.Import;

/// <summary>Real traces beside the repository, where they are present.</summary>
internal static class SharedData
{
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/data/{name} is not beside the repository.");
        return "";
    }
}
