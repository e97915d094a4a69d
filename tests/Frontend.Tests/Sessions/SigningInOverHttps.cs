using System.Security.Cryptography.X509Certificates;
using Throughline.Client.Accounts;
using Throughline.Client.Tokens;
using Throughline.Contracts.Accounts;

namespace Throughline.Frontend.Tests.Sessions;

public sealed class SigningInOverHttps
{
    [Fact]
    public async Task The_cookie_is_for_https_alone_and_browsers_are_told_to_stay_there()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new StateFolder();
        var certificate = Path.Combine(state.Root, "localhost.pfx");
        using var own = Certificates.SelfSigned("localhost");
        await File.WriteAllBytesAsync(certificate, own.Export(X509ContentType.Pkcs12), stop);
        await using var frontend = await RunningService.StartAsync("frontend", state, new Dictionary<string, string> { ["Frontend__Certificate"] = certificate }, stop);
        var origin = frontend.Address.GetLeftPart(UriPartial.Authority);
        await using var store = await RunningService.StartAsync("store", state, new Dictionary<string, string>(), stop);
        await using var auth = await RunningService.StartAsync("auth", state, new Dictionary<string, string> { ["Auth__Issuer"] = origin }, stop);

        using var direct = new HttpClient { BaseAddress = auth.Address };
        var login = new LoginRequest($"{Guid.NewGuid():N}@example.com", SignInSite.Password);
        await new AccountClient(direct, new FixedToken("")).SignUpAsync(new SignUpRequest(login.Email, login.Password), stop);
        using var trusting = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, sent, _, _) => sent?.GetCertHashString() == own.GetCertHashString() } };
        using var http = new HttpClient(trusting) { BaseAddress = frontend.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/session") { Content = new StringContent($$"""{"email":"{{login.Email}}","password":"{{login.Password}}"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Origin", origin);
        request.Headers.Add("X-Throughline", "1");
        using var answer = await http.SendAsync(request, stop);

        Assert.Equal("https", frontend.Address.Scheme);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        foreach (var attribute in new[] { "secure", "httponly", "samesite=strict" })
            Assert.Contains(attribute, cookie, StringComparison.Ordinal);
        Assert.Equal(["max-age=31536000"], answer.Headers.GetValues("Strict-Transport-Security"));
        Assert.Contains($"wss://{frontend.Address.Authority}", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
