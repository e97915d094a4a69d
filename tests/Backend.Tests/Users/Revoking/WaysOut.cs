using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using MimeKit;
using Throughline.Client;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Users.Revoking;

/// <summary>Somebody with two sessions: one whose sockets must close, and another device of the same user.</summary>
internal sealed record Person(Member Target, Member OtherDevice) : IDisposable
{
    public Guid TargetSession =>
        JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(Target.AccessToken.Split('.')[1])).RootElement.GetProperty("sid").GetGuid();

    public void Dispose()
    {
        Target.Dispose();
        OtherDevice.Dispose();
    }
}

/// <summary>A way in which a session ends before its time.</summary>
/// <param name="IsForAdministrators">Whether only an administrator can lose a session in this way.</param>
internal sealed record WayOut(string Name, Func<Person, CancellationToken, Task<HttpResponseMessage>> RevokeAsync, bool IsForAdministrators = false);

/// <summary>Every way there is.</summary>
/// <param name="admin">Signed in to auth as an administrator.</param>
internal sealed partial class WaysOut(Services services, HttpClient admin) : IDisposable
{
    private const string NewPassword = "Another-Horse-8-Battery";

    private readonly HttpClient _anonymous = ThroughlineHttp.Create(services.Auth.Url);

    public IReadOnlyList<WayOut> All =>
    [
        new("logout", (p, stop) => p.Target.Auth.PostAsync("/auth/logout", null, stop)),
        new("device revoked", (p, stop) => p.OtherDevice.Auth.DeleteAsync($"/auth/sessions/{p.TargetSession}", stop)),
        new("signed out everywhere", (p, stop) => p.OtherDevice.Auth.DeleteAsync("/auth/sessions", stop)),
        new("signed out by an administrator", (p, stop) => admin.DeleteAsync($"/auth/admin/users/{p.Target.UserId}/sessions", stop)),
        new("password changed", (p, stop) => p.OtherDevice.Auth.PostAsJsonAsync(
            "/auth/password/change", new PasswordChange(Services.Password, NewPassword), WireJson.Default.PasswordChange, stop)),
        new("password reset", ResetPasswordAsync),
        new("e-mail verified", async (p, stop) => await _anonymous.PostAsJsonAsync(
            "/auth/email/verify", new EmailVerification(await CodeAsync(p, "/verify-email", stop)), WireJson.Default.EmailVerification, stop)),
        new("role lost", (p, stop) => ChangeAsync(p.Target.UserId, new(Role: "user"), stop), IsForAdministrators: true),
        new("account disabled", (p, stop) => ChangeAsync(p.Target.UserId, new(Disabled: true), stop)),
        new("account deleted", (p, stop) => p.OtherDevice.Auth.DeleteAsync("/auth/me", stop)),
    ];

    public Task<HttpResponseMessage> ChangeAsync(Guid userId, AdminUserPatch patch, CancellationToken stop) =>
        admin.PatchAsJsonAsync($"/auth/admin/users/{userId}", patch, WireJson.Default.AdminUserPatch, stop);

    public void Dispose() => _anonymous.Dispose();

    private async Task<HttpResponseMessage> ResetPasswordAsync(Person person, CancellationToken stop)
    {
        using var asked = await _anonymous.PostAsJsonAsync("/auth/password/forgot", new ForgotPassword(person.Target.Email), WireJson.Default.ForgotPassword, stop);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var reset = new PasswordReset(await CodeAsync(person, "/reset-password", stop), NewPassword);
        return await _anonymous.PostAsJsonAsync("/auth/password/reset", reset, WireJson.Default.PasswordReset, stop);
    }

    /// <summary>The code of the link to that page, from the person's mail.</summary>
    private async Task<string> CodeAsync(Person person, string page, CancellationToken stop)
    {
        string? code = null;
        await services.UntilAsync(() => Task.FromResult((code = Codes(person.Target.Email, page).LastOrDefault()) is not null), $"a mail with {page} has come", stop);
        return code!;
    }

    private IEnumerable<string> Codes(string email, string page)
    {
        foreach (var path in Directory.EnumerateFiles(services.State.PathOf("mail"), "*.eml").Order(StringComparer.Ordinal))
        {
            using var mail = MimeMessage.Load(path);
            if (mail.To.Mailboxes.All(to => to.Address != email)) continue;
            var link = Link().Match(mail.TextBody ?? "");
            if (link.Success && link.Groups["page"].Value.EndsWith(page, StringComparison.Ordinal)) yield return link.Groups["code"].Value;
        }
    }

    [GeneratedRegex(@"(?<page>https?://\S+)#code=(?<code>[A-Za-z0-9_-]+)")]
    private static partial Regex Link();
}
