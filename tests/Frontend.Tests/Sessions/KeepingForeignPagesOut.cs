using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Throughline.Frontend.Tests.Sessions;

/// <summary>Every mediating endpoint against everything that a page of another site can make a browser send (CSRF).</summary>
public sealed class KeepingForeignPagesOut(SignInSite site) : IClassFixture<SignInSite>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly string[] Endpoints = ["POST /session", "POST /session/passkey", "POST /session/refresh", "DELETE /session"];
    private static readonly string[] Ways = ["another site", "a subdomain", "another port", "no origin", "no header", "a form"];

    /// <summary>All of both, but that no form can send DELETE.</summary>
    public static TheoryData<string, string> Attacks =>
        [.. from endpoint in Endpoints from way in Ways where way != "a form" || endpoint.StartsWith("POST", StringComparison.Ordinal) select (endpoint, way)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task What_it_could_send_is_refused_and_the_same_from_an_own_page_is_not(string endpoint, string attack)
    {
        var own = site.Address.GetLeftPart(UriPartial.Authority);
        var (origin, header, contentType) = attack switch
        {
            "another site" => ("https://evil.example", "1", "application/json"),
            "a subdomain" => (own.Replace("localhost", "evil.localhost", StringComparison.Ordinal), "1", "application/json"),
            "another port" => ($"http://localhost:{site.Address.Port + 1}", "1", "application/json"),
            "no origin" => (null, "1", "application/json"),
            "no header" => (own, null, "application/json"),
            _ => (own, "1", "application/x-www-form-urlencoded"),
        };
        using var refused = await SendAsync(endpoint, origin, header, contentType);
        using var control = await SendAsync(endpoint, own, "1", "application/json");
        var code = attack switch { "no header" => "missing_header", "a form" => "unsupported_media_type", _ => "foreign_origin" };
        Assert.Equal(code, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Stop))?["code"]);
        Assert.DoesNotContain(control.StatusCode, (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.NotFound]);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin") || control.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private async Task<HttpResponseMessage> SendAsync(string endpoint, string? origin, string? header, string contentType)
    {
        using var http = new HttpClient { BaseAddress = site.Address };
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Split(' ')[0]), endpoint.Split(' ')[1]) { Content = new StringContent("{}", Encoding.UTF8, contentType) };
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        if (header is not null)
            request.Headers.Add("X-Throughline", header);
        return await http.SendAsync(request, Stop);
    }
}
