using Microsoft.Extensions.DependencyInjection;
using Throughline.Contracts.Http;

namespace Throughline.ServiceDefaults;

/// <summary>Lets an HttpClient say <c>http://auth/path</c>: the host is a service's name, its address comes from discovery.</summary>
internal sealed class ServiceAddressHandler(IServiceDirectory directory) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var service = request.RequestUri!.Host;
        var record = await directory.FindAsync(service, cancellationToken)
            ?? throw new HttpRequestException(HttpRequestError.ConnectionError, $"The service {service} is not running.");
        request.RequestUri = new Uri(new Uri(record.ApiUrl), request.RequestUri.PathAndQuery);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException)
        {
            directory.Doubt(record); // its process may be gone, and somebody else listen there
            throw;
        }
    }
}

public static class ServiceAddressing
{
    /// <summary>Sends this client's requests to the service that their host names, e.g. <c>http://auth/.well-known/jwks</c>, and never through a proxy.</summary>
    public static IHttpClientBuilder AddServiceAddressing(this IHttpClientBuilder builder) =>
        builder.UseSocketsHttpHandler((handler, _) => handler.UseProxy = false)
            .AddHttpMessageHandler(services => new ServiceAddressHandler(services.GetRequiredService<IServiceDirectory>()))
            .AddHttpMessageHandler(() => new LostConnections());
}
