using Throughline.Backend.Users;

namespace Throughline.Backend.Database;

/// <summary>Before anything is served: the schema is brought up to date, and who is shut out is known.</summary>
internal sealed class DatabaseStart(BackendDatabase database, Migrations migrations, Revocations revocations) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.EnsureCreatedAsync(cancellationToken);
        await migrations.ApplyAsync(cancellationToken);
        await revocations.LoadAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
