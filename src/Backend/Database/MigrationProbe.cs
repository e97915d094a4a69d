using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Shows that the scripts apply to an empty SQLite database, and to one of the version before.</summary>
internal sealed class MigrationProbe : ICompositionProbe
{
    public async Task<CompositionItem> LookAsync(CancellationToken cancellationToken)
    {
        var versions = await ApplyAsync([0], cancellationToken);
        if (versions > 1) await ApplyAsync([1, 0], cancellationToken);
        return new("migrations", versions, []);
    }

    /// <returns>The version that it ends at.</returns>
    private static async Task<int> ApplyAsync(IReadOnlyList<int> lacking, CancellationToken cancellationToken)
    {
        using var folder = TemporaryFolder.Create();
        await using var database = new BackendDatabase(Options.Create(new DatabaseOptions()), new StateFolder(folder.Path), new DependencyBreakers(TimeProvider.System), NullLogger<BackendDatabase>.Instance);
        await database.EnsureCreatedAsync(cancellationToken);
        var version = 0;
        foreach (var left in lacking) version = await new Migrations(database, NullLogger<Migrations>.Instance).ApplyAsync(left, cancellationToken);
        return version;
    }
}
