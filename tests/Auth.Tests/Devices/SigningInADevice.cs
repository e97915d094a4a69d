using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Devices;

public sealed class SigningInADeviceOnSqlite(SqliteAuth platform) : SigningInADevice(platform)
{
    [Fact]
    public async Task Is_over_when_the_codes_are()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop, ("Devices__CodeLifetime", "00:00:02"));
        var auth = new AuthClient(process);
        var (_, tokens) = await auth.NewUserAsync();
        var (left, approved) = (await WaitingTestDevice.AskAsync(auth), await WaitingTestDevice.AskAsync(auth));
        Assert.Equal(2, left.Codes.GetProperty("expires_in").GetInt32());
        Assert.Equal(HttpStatusCode.NoContent, (await approved.DecideAsync("/auth/device/approve", tokens.Access)).Status);

        var began = TimeProvider.System.GetTimestamp();
        Answer answer;
        do answer = await left.PollAsync();
        while (answer.Error == "authorization_pending" && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30));

        Assert.Equal("expired_token", answer.Error);
        Assert.Equal("expired_token", (await approved.PollAsync()).Error); // approved in time, taken up too late
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await CodeOfAsync(left.DecideAsync("/auth/device/approve", tokens.Access)));
    }

    [Fact]
    public async Task Is_limited_by_address()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop, ("Devices__RequestsPerMinute", "3"));
        var auth = new AuthClient(process);
        for (var i = 0; i < 3; i++) await WaitingTestDevice.AskAsync(auth);
        Assert.Equal("slow_down", (await WaitingTestDevice.AskRawAsync(auth)).Error);
    }

    [Fact]
    public async Task Is_audited_with_the_device_as_the_list_shows_it()
    {
        var auth = await Platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        await device.DecideAsync("/auth/device/approve", tokens.Access);
        var denied = await WaitingTestDevice.AskAsync(auth);
        await denied.DecideAsync("/auth/device/deny", tokens.Access);

        var audited = await AuthDatabase.ReadAsync(
            auth.Process, "SELECT Event || ' ' || Outcome || ' ' || Detail FROM AuditEntries JOIN AspNetUsers u ON u.Id = UserId WHERE u.Email = $1 AND Event = 'device.approved' ORDER BY Seq", user.Email);
        Assert.Equal(["device.approved success throughline-cli, asked from 127.0.0.1", "device.approved denied throughline-cli, asked from 127.0.0.1"], audited);
        Assert.Equal(
            ["device throughline-cli on a toaster"],
            await AuthDatabase.ReadAsync(
                auth.Process, "SELECT Method || ' ' || s.UserAgent FROM Sessions s JOIN AspNetUsers u ON u.Id = s.UserId WHERE u.Email = $1 AND Method <> 'password'", user.Email));
        var rows = await AuthDatabase.ReadAsync(auth.Process, "SELECT Id || ReferenceId || Payload || coalesce(Subject, '') FROM OpenIddictTokens");
        Assert.DoesNotContain(rows, row => row.Contains(device.DeviceCode.Split('.')[1], StringComparison.Ordinal));
    }
}

/// <summary>Asks no more of the database than what other suites try on both, so it runs in whole runs alone.</summary>
public sealed class SigningInADeviceOnPostgres : SigningInADevice
{
    public SigningInADeviceOnPostgres(PostgresAuth platform) : base(platform) => SuiteSize.RequireFull();
}

public abstract class SigningInADevice(SharedAuth platform)
{
    private protected SharedAuth Platform => platform;

    [Fact]
    public async Task Needs_its_users_word_and_gives_it_a_session_of_its_own()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", device.UserCode);
        Assert.Equal($"{AuthProcess.Issuer}/device", device.Codes.GetProperty("verification_uri").GetString());
        Assert.Equal($"{AuthProcess.Issuer}/device?user_code={device.UserCode}", device.Codes.GetProperty("verification_uri_complete").GetString());
        Assert.Equal((600, 1), (device.Codes.GetProperty("expires_in").GetInt32(), device.Codes.GetProperty("interval").GetInt32()));

        Assert.Equal("authorization_pending", (await device.PollOnceAsync()).Error);
        Assert.Equal("slow_down", (await device.PollOnceAsync()).Error);
        var shown = await device.DecideAsync("/auth/device", tokens.Access, device.UserCode.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        var waiting = shown.As<WaitingDevice>();
        Assert.Equal(
            (device.UserCode, AuthClient.Client, "127.0.0.1", "throughline-cli on a toaster"),
            (waiting.UserCode, waiting.Client, waiting.Address, waiting.UserAgent));
        Assert.Equal(HttpStatusCode.NoContent, (await device.DecideAsync("/auth/device/approve", tokens.Access)).Status);

        var answer = await device.PollAsync();
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var own = Tokens.Of(answer);
        Assert.Equal(user.UserId.ToString(), own.Claims.GetProperty("sub").GetString());
        var sessions = (await auth.GetAsync("/auth/sessions", tokens.Access)).As<Page<DeviceSession>>().Items;
        var listed = Assert.Single(sessions, s => !s.Current);
        Assert.Equal(
            (own.Claims.GetProperty("sid").GetGuid(), "127.0.0.1", "throughline-cli on a toaster"), (listed.Id, listed.Address, listed.UserAgent));

        // It renews like any other, is used once, and ends when its user says so.
        var renewed = Tokens.Of(await auth.RefreshAsync(own.Refresh));
        Assert.Equal("invalid_grant", (await device.PollAsync()).Error);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/sessions/{listed.Id}", tokens.Access)).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(renewed.Refresh)).Error);
    }

    [Fact]
    public async Task Can_be_denied()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        Assert.Equal(HttpStatusCode.NoContent, (await device.DecideAsync("/auth/device/deny", tokens.Access)).Status);
        Assert.Equal("access_denied", (await device.PollAsync()).Error);
        foreach (var route in (string[])["/auth/device", "/auth/device/approve", "/auth/device/deny"])
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), await CodeOfAsync(device.DecideAsync(route, tokens.Access)));
    }

    [Fact]
    public async Task Leaves_nothing_of_its_own_when_the_account_is_deleted()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        await device.DecideAsync("/auth/device/approve", tokens.Access);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal("The device code is not valid, or was used.", (await device.PollOnceAsync()).Json.GetProperty("error_description").GetString()); // not: the sign-in was ended
    }

    [Fact]
    public async Task Takes_no_cookie_for_a_word()
    {
        var auth = await platform.ClientAsync();
        var cookie = await auth.LogInAsync((await auth.SignUpAsync()).Email);
        var device = await WaitingTestDevice.AskAsync(auth);
        var answer = await auth.SendAsync(HttpMethod.Post, "/auth/device/approve", json: new { userCode = device.UserCode }, headers: [("Cookie", cookie)]);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        foreach (var form in (Dictionary<string, string>[])[[], new() { ["user_code"] = device.UserCode }])
        {
            var openIddicts = await auth.SendAsync(HttpMethod.Post, "/connect/device/verify", form: form, headers: [("Cookie", cookie)]);
            Assert.InRange((int)openIddicts.Status, 400, 499);
        }
        Assert.Equal("authorization_pending", (await device.PollAsync()).Error);
    }

    [Fact]
    public async Task Is_decided_and_taken_up_once_by_whoever_comes_first_of_eight()
    {
        var auth = await platform.ClientAsync();
        for (var round = 0; round < 3; round++)
        {
            var users = new[] { await auth.NewUserAsync(), await auth.NewUserAsync() };
            var device = await WaitingTestDevice.AskAsync(auth);
            var decided = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => device.DecideAsync("/auth/device/approve", users[i % 2].Tokens.Access)));
            Assert.Equal(1, decided.Count(a => a.Status == HttpStatusCode.NoContent));
            Assert.All(decided.Where(a => a.Status != HttpStatusCode.NoContent), a => Assert.Equal("not_found", a.Code));

            var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => device.PollAsync()));
            Assert.Equal(1, taken.Count(a => a.Status == HttpStatusCode.OK));
            Assert.All(taken.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Equal("invalid_grant", a.Error));
        }
    }

    [Fact]
    public async Task Ends_with_the_sign_in_before_it_is_taken_up()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        await device.DecideAsync("/auth/device/approve", tokens.Access);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/sessions", tokens.Access)).Status); // everywhere else
        Assert.Equal("invalid_grant", (await device.PollAsync()).Error);
    }

    [Fact]
    public async Task Is_for_the_command_line_and_codes_that_were_given()
    {
        var auth = await platform.ClientAsync();
        Assert.NotEqual(HttpStatusCode.OK, (await WaitingTestDevice.AskRawAsync(auth, "throughline-web")).Status);
        var device = await WaitingTestDevice.AskAsync(auth);
        Assert.NotEqual(HttpStatusCode.OK, (await device.PollOnceAsync("throughline-web")).Status);
        foreach (var made in (string[])["", "tld_", "tld_x.y", "tlr_abc", device.DeviceCode + "x", device.DeviceCode[..^1], device.UserCode, "a.b.c"])
        {
            var answer = await auth.SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
            {
                ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
                ["client_id"] = AuthClient.Client,
                ["device_code"] = made,
            });
            Assert.Equal((HttpStatusCode.BadRequest, made.Length == 0 ? "invalid_request" : "invalid_grant"), (answer.Status, answer.Error));
        }
    }

    [Fact]
    public async Task Does_not_let_a_user_guess_what_others_devices_show()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var device = await WaitingTestDevice.AskAsync(auth);
        for (var i = 0; i < 10; i++)
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), await CodeOfAsync(device.DecideAsync("/auth/device", tokens.Access, "BBBB-BBBB")));
        foreach (var route in (string[])["/auth/device", "/auth/device/approve", "/auth/device/deny"])
            Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), await CodeOfAsync(device.DecideAsync(route, tokens.Access)));
        var (_, other) = await auth.NewUserAsync();
        Assert.Equal(HttpStatusCode.OK, (await device.DecideAsync("/auth/device", other.Access)).Status);
    }

    private protected static async Task<(HttpStatusCode, string?)> CodeOfAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Code);
}
