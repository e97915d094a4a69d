using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class LettingProgramsIn(BrowserStack stack)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_made_on_the_page_works_at_the_backend_until_it_is_revoked_there()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.GoAsync("/settings/api-keys", "API keys");
        await maya.PressAsync("New key");
        await maya.PressAsync("Make the key");
        await Expect(maya.Field("Name")).ToHaveAttributeAsync("aria-invalid", "true");
        await maya.Field("Name").FillAsync("nightly-export");
        await maya.PressAsync("Make the key");
        await Expect(maya.Page.Locator("#new-key")).ToBeVisibleAsync();
        var key = await maya.Page.Locator("#new-key").InnerTextAsync();

        using var script = new HttpClient { BaseAddress = stack.Backend, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        var me = await script.GetFromJsonAsync<JsonNode>("/api/me", Stop);
        Assert.Equal(maya.Email, (string)me!["email"]!);
        using var write = await script.PostAsJsonAsync("/api/threads", new { title = "no" }, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode); // it may read, and no more

        await maya.GoAsync("/devices", "Devices");
        await maya.GoAsync("/settings/api-keys", "API keys");
        await maya.SeeAsync("just now");
        await Expect(maya.Page.GetByText(key)).ToHaveCountAsync(0);
        await maya.PressAsync("Revoke nightly-export");
        await maya.PressAsync("Revoke");
        await maya.SeeAsync("No keys yet.");
        using var refused = await script.GetAsync("/api/me", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_device_without_a_browser_is_approved_or_turned_away_by_its_code()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        using var device = new HttpClient { BaseAddress = stack.Auth };
        var asked = await AskAsync(device);
        await maya.Page.GotoAsync((string)asked["verification_uri_complete"]!);
        await maya.SeeHeadingAsync("Is this you?");
        await maya.SeeAsync("Throughline CLI");
        await maya.SeeAsync((string)asked["user_code"]!);
        await maya.PressAsync("Approve");
        await maya.SeeHeadingAsync("The device is signed in");
        Assert.NotNull((await TokenAsync(device, asked))["access_token"]);

        var unwanted = await AskAsync(device);
        await maya.GoAsync("/devices", "Devices");
        await maya.GoAsync("/device", "Enter the code");
        await maya.Field("Code").FillAsync("nobody-waits");
        await maya.PressAsync("Go on");
        await Expect(maya.Field("Code")).ToHaveAttributeAsync("aria-invalid", "true");
        await maya.Field("Code").FillAsync(((string)unwanted["user_code"]!).ToLowerInvariant());
        await maya.PressAsync("Go on");
        await maya.PressAsync("Deny");
        await maya.SeeHeadingAsync("The device was turned away");
        Assert.Equal("access_denied", (string)(await TokenAsync(device, unwanted))["error"]!);
    }

    private static async Task<JsonNode> AskAsync(HttpClient device)
    {
        using var form = new FormUrlEncodedContent([new("client_id", "throughline-cli"), new("scope", "openid offline_access api")]);
        using var answer = await device.PostAsync("/connect/device", form, Stop);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
    }

    private static async Task<JsonNode> TokenAsync(HttpClient device, JsonNode asked)
    {
        using var form = new FormUrlEncodedContent([
            new("client_id", "throughline-cli"), new("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), new("device_code", (string)asked["device_code"]!)]);
        using var answer = await device.PostAsync("/connect/token", form, Stop);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
    }
}
