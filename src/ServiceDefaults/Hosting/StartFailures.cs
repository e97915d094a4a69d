using Microsoft.Extensions.Hosting;

namespace Throughline.ServiceDefaults;

/// <summary>Ends a service for what is found only after it has begun to run, and that trying again does not mend.</summary>
internal sealed class StartFailures(ServiceIdentity identity, IHostApplicationLifetime lifetime)
{
    /// <summary>Says it as a failed start is said, and stops the service with its exit code.</summary>
    public void End(StartupException failure)
    {
        Environment.ExitCode = StartupFailure.Report(identity.Service, failure);
        // Not in the middle of a start, which would be cut short and might hang; at once where that is over.
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
    }
}
