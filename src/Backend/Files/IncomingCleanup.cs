namespace Throughline.Backend.Files;

/// <summary>Before the first upload: what a killed process left behind goes.</summary>
internal sealed class IncomingCleanup(FileFolder folder) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        folder.Clear();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
