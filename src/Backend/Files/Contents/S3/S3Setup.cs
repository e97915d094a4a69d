using Microsoft.Extensions.Options;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files.Contents.S3;

internal static class S3Setup
{
    private const string SecretFile = "s3-secret-key";

    public static bool IsUsed(IConfiguration configuration) => !string.IsNullOrEmpty(configuration["Files:S3:Endpoint"]);

    public static IServiceCollection AddS3(this IServiceCollection services, bool isUsed)
    {
        services.AddOptions<S3Options>().BindConfiguration("Files:S3").Configure<StateFolder>(ReadSecret).ValidateOnStart();
        services.AddSingleton<IValidateOptions<S3Options>, S3OptionsValidator>();
        services.AddSingleton<S3Bucket>();
        services.AddSingleton<FetchedRows>();
        if (!isUsed) return services;
        services.AddSingleton<IDependencyProbe, S3Probe>();
        services.AddHostedService<S3Start>();
        services.AddHostedService<FolderMove>();
        return services;
    }

    private static void ReadSecret(S3Options options, StateFolder state)
    {
        var path = Path.Combine(state.Root, "secrets", SecretFile);
        if (options.IsUsed && string.IsNullOrEmpty(options.SecretKey) && File.Exists(path)) options.SecretKey = File.ReadAllText(path).Trim();
    }
}

/// <summary>Whether the object storage answers. Without it questions that need no file are answered, so the service is degraded, not unhealthy.</summary>
internal sealed class S3Probe(S3Bucket bucket) : IDependencyProbe
{
    public string Name => "object storage";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await bucket.PingAsync(cancellationToken);
            return new(HealthStatus.Healthy, 0);
        }
        catch (ContentAwayException e)
        {
            return new(HealthStatus.Degraded, 0, e.Message);
        }
    }
}

/// <summary>At the start: a bucket that is not there, or credentials that are refused, are a wrong setting; a storage that does not answer comes back.</summary>
internal sealed partial class S3Start(S3Bucket bucket, IOptions<S3Options> options, ILogger<S3Start> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await bucket.PingAsync(cancellationToken);
        }
        catch (ContentAwayException e) when (e.InnerException is Amazon.Runtime.AmazonServiceException { StatusCode: System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.Unauthorized } refused)
        {
            throw new StartupException(ExitCode.Configuration, refused.StatusCode == System.Net.HttpStatusCode.NotFound
                ? $"Files:S3:Bucket is '{options.Value.Bucket}': {options.Value.Endpoint} has no such bucket. Make it, or name another."
                : $"Files:S3:AccessKey and Files:S3:SecretKey are refused by {bucket.Place} ({refused.ErrorCode}): use those of somebody who may list, read, write and delete there.");
        }
        catch (ContentAwayException e)
        {
            Log.Away(logger, bucket.Place, e.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The object storage {Place} does not answer yet: {Reason}")]
        public static partial void Away(ILogger logger, string place, string reason);
    }
}
