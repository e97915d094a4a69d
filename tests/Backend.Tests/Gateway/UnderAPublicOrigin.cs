using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>A stack that is hosted for others, and was told nothing but its origin.</summary>
public sealed class UnderAPublicOrigin(UnderAPublicOrigin.Hosted hosted) : IClassFixture<UnderAPublicOrigin.Hosted>
{
    private const string Public = "https://spend.example.com";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_pages_may_open_sockets_and_those_of_others_may_not()
    {
        await using var user = await hosted.SignUpAsync("hosted", Stop);
        await using (var socket = await OpenFromAsync(Public)) await socket.HelloAsync(Stop);
        await using (var here = await OpenFromAsync($"http://localhost:{hosted.Frontend.Port}")) await here.HelloAsync(Stop);

        foreach (var foreign in (string[])["https://evil.example", "http://spend.example.com", "https://spend.example.com:8443"])
            Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => OpenFromAsync(foreign))).Message, StringComparison.Ordinal);

        Task<RawSocket> OpenFromAsync(string origin) => RawSocket.OpenAsync(hosted.WebSocket, options =>
        {
            options.SetRequestHeader("Origin", origin);
            options.AddSubProtocol($"bearer.{user.AccessToken}");
        }, Stop);
    }

    [Fact]
    public async Task Where_mail_lies_on_this_machine_is_told_here_alone()
    {
        Assert.NotNull(await MailFolderAsync(null));
        Assert.Null(await MailFolderAsync(new Uri(Public).Host));

        // Whoever comes through a reverse proxy seems to be on this machine.
        async Task<string?> MailFolderAsync(string? host)
        {
            using var http = new HttpClient { BaseAddress = hosted.Frontend, DefaultRequestHeaders = { Host = host } };
            var options = await http.GetFromJsonAsync<JsonElement>("/auth/options", Stop);
            Assert.Equal("folder", options.GetProperty("mail").GetString());
            return options.TryGetProperty("mailFolder", out var folder) ? folder.GetString() : null;
        }
    }

    public sealed class Hosted : Platform
    {
        protected override ValueTask<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken) => new(["--origin", Public]);
    }
}
