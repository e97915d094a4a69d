using System.Net;
using System.Text.Json;

namespace Throughline.Auth.Tests.Accounts;

public sealed class SigningUp(SqliteAuth platform)
{
    [Fact]
    public async Task A_new_account_is_told_who_it_is()
    {
        var auth = await platform.ClientAsync();
        var email = AuthClient.NewEmail();

        var answer = await auth.PostAsync("/auth/signup", new { email, password = AuthClient.Password });

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var userId = answer.Json.GetProperty("userId").GetGuid();
        Assert.Equal(7, userId.Version);
        Assert.Equal(
            JsonSerializer.Serialize(new { userId, email, name = email.Split('@')[0], tier = "free" }), answer.Body);
    }

    [Theory]
    [InlineData("short-1")]
    [InlineData("passwordpassword")]
    [InlineData("password1234")]
    [InlineData("qwertyuiop123")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("P@ssw0rd12345")]
    public async Task A_password_that_protects_nothing_is_refused(string password)
    {
        var auth = await platform.ClientAsync();
        var answer = await auth.PostAsync("/auth/signup", new { email = AuthClient.NewEmail(), password });
        Assert.Equal((HttpStatusCode.BadRequest, "weak_password"), (answer.Status, answer.Code));
        Assert.Equal(["password"], answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Theory]
    [InlineData("no-at", "Maya", "email")]
    [InlineData("two@@example.com", "Maya", "email")]
    [InlineData("a b@example.com", "Maya", "email")]
    [InlineData("Maya <maya@example.com>", "Maya", "email")]
    [InlineData("maya@example.com", " ", "name")]
    [InlineData("maya@example.com", "a\u0000b", "name")]
    [InlineData(null, "Maya", "email")]
    public async Task A_field_that_is_no_good_is_named(string? email, string name, string member)
    {
        var auth = await platform.ClientAsync();
        var answer = await auth.PostAsync("/auth/signup", new { email, password = AuthClient.Password, name });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_field"), (answer.Status, answer.Code));
        Assert.Equal([member], answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task Of_eight_sign_ups_with_one_e_mail_at_once_one_succeeds()
    {
        var auth = await platform.ClientAsync();
        var email = AuthClient.NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => auth.PostAsync(
            "/auth/signup", new { email = i % 2 == 0 ? email : email.ToUpperInvariant(), password = AuthClient.Password })));

        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.Created));
        Assert.Equal(7, answers.Count(a => a.Status == HttpStatusCode.Conflict && a.Code == "email_taken"));
    }
}
