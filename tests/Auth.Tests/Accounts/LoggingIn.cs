using System.Net;
using System.Text.Json.Nodes;

namespace Throughline.Auth.Tests.Accounts;

public sealed class LoggingIn(SqliteAuth platform)
{
    [Fact]
    public async Task A_wrong_password_and_an_unknown_e_mail_get_the_same_answer()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();

        var wrong = await auth.PostAsync("/auth/login", new { email = user.Email, password = "not-the-password" });
        var unknown = await auth.PostAsync("/auth/login", new { email = AuthClient.NewEmail(), password = "not-the-password" });

        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), (wrong.Status, wrong.Code));
        Assert.Equal(WithoutTrace(wrong), WithoutTrace(unknown));
        Assert.Equal(wrong.Headers.Keys.Order(), unknown.Headers.Keys.Order());
    }

    [Fact]
    public async Task The_cookie_is_for_the_authorize_endpoint_and_no_script()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var answer = await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password });
        var parts = answer.Headers["Set-Cookie"].Single().Split("; ");
        Assert.Contains("httponly", parts);
        Assert.Contains("samesite=strict", parts);
        Assert.Contains("path=/connect", parts);
        Assert.Contains("no-store", answer.Headers["Cache-Control"].Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", "1", HttpStatusCode.Forbidden)]
    [InlineData("null", "1", HttpStatusCode.Forbidden)]
    [InlineData(AuthProcess.Issuer, "", HttpStatusCode.Forbidden)]
    [InlineData(AuthProcess.Issuer, "1", HttpStatusCode.NoContent)]
    public async Task Only_our_own_pages_may_sign_somebody_in(string origin, string marker, HttpStatusCode expected)
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var answer = await auth.SendAsync(
            HttpMethod.Post, "/auth/login", json: new { email = user.Email, password = AuthClient.Password },
            headers: [("Origin", origin), ("X-Throughline", marker)]);
        Assert.Equal(expected, answer.Status);
    }

    [Fact]
    public async Task Only_failures_are_charged_and_only_to_the_account_and_address_that_failed()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop, ("Accounts__FailedLoginsPerAccount", "2"), ("Accounts__FirstLoginWait", "00:01:00"), ("Accounts__SignUpsPerMinute", "2"));
        var auth = new AuthClient(process);
        var (alice, bob) = (await auth.SignUpAsync(), await auth.SignUpAsync());
        var third = await auth.PostAsync("/auth/signup", new { email = AuthClient.NewEmail(), password = AuthClient.Password });
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (third.Status, third.Code));

        for (var i = 0; i < 4; i++) await auth.LogInAsync(alice.Email);
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.PostAsync("/auth/login", new { email = alice.Email, password = "wrong" })).Status);
        var refused = await auth.PostAsync("/auth/login", new { email = alice.Email.ToUpperInvariant(), password = AuthClient.Password });

        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (refused.Status, refused.Code));
        Assert.InRange(int.Parse(refused.Headers["Retry-After"].Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 300);
        await auth.LogInAsync(bob.Email);
        var elsewhere = await auth.SendAsync(
            HttpMethod.Post, "/auth/login", json: new { email = alice.Email, password = AuthClient.Password },
            headers: [("Throughline-Frontend", "made up"), ("X-Forwarded-For", "203.0.113.7")]);
        Assert.Equal(HttpStatusCode.TooManyRequests, elsewhere.Status); // nobody but the frontend says who is calling
        Assert.DoesNotContain(AuthClient.Password, process.Output, StringComparison.Ordinal);
    }

    private static string WithoutTrace(Answer answer)
    {
        var body = JsonNode.Parse(answer.Body)!.AsObject();
        body.Remove("traceId");
        return body.ToJsonString();
    }
}
