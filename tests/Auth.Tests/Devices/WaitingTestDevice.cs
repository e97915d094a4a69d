using System.Net;
using System.Text.Json;

namespace Throughline.Auth.Tests.Devices;

/// <summary>A device without a browser, as RFC 8628 has it.</summary>
internal sealed record WaitingTestDevice(AuthClient Auth, JsonElement Codes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string DeviceCode => Codes.GetProperty("device_code").GetString()!;

    public string UserCode => Codes.GetProperty("user_code").GetString()!;

    public static async Task<WaitingTestDevice> AskAsync(AuthClient auth)
    {
        var answer = await AskRawAsync(auth);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return new(auth, answer.Json);
    }

    public static Task<Answer> AskRawAsync(AuthClient auth, string client = AuthClient.Client) => auth.SendAsync(
        HttpMethod.Post, "/connect/device",
        form: new Dictionary<string, string> { ["client_id"] = client, ["scope"] = "openid offline_access api" },
        headers: [("User-Agent", "throughline-cli on a toaster")]);

    /// <summary>Asks once whether it is approved.</summary>
    public Task<Answer> PollOnceAsync(string client = AuthClient.Client) => Auth.SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
        ["client_id"] = client,
        ["device_code"] = DeviceCode,
    });

    /// <summary>Asks until it is heard: until the interval has passed since it was last heard.</summary>
    public async Task<Answer> PollAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await PollOnceAsync();
            if (answer.Status == HttpStatusCode.OK || answer.Error != "slow_down") return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"slow_down for {Patience.TotalSeconds} s");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public Task<Answer> DecideAsync(string route, string token, string? typed = null) =>
        Auth.SendAsync(HttpMethod.Post, route, token, new { userCode = typed ?? UserCode });
}
