using Throughline.Contracts.Http;

namespace Throughline.Client;

/// <summary>HTTP clients with the settings that this protocol needs.</summary>
public static class ThroughlineHttp
{
    /// <summary>A client for the public origin, or for one service directly.</summary>
    /// <param name="origin">E.g. <c>http://localhost:3000</c>, or <c>api_url</c> of a discovery record.</param>
    /// <remarks>Without an overall time limit: an upload of 2 GiB may take minutes. Give each call a cancellation token instead.</remarks>
    public static HttpClient Create(Uri origin) => new(new LostConnections(new HttpClientHandler())) { BaseAddress = origin, Timeout = Timeout.InfiniteTimeSpan };
}
