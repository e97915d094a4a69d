using Throughline.Backend.Users;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Before anything is served: the schema is brought up to date, and who is shut out is known.</summary>
internal sealed class DatabaseStart(BackendDatabase database, Migrations migrations, Revocations revocations) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.EnsureCreatedAsync(cancellationToken);
            await migrations.ApplyAsync(cancellationToken);
            await revocations.LoadAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseFault.Of(e, database.Place) is { } fault)
        {
            throw fault;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
