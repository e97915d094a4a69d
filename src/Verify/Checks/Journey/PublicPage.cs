using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Throughline.Verify.Checks.Journey;

/// <summary>What a browser needs of the public origin, asked for without one: the page with all that it loads, and its own way of signing in.</summary>
internal static partial class PublicPage
{
    private const string Framework = "/_framework/";

    /// <summary>The lists of what every start loads; others are for other languages and for debuggers.</summary>
    private static readonly string[] Loaded = ["jsModuleNative", "jsModuleRuntime", "wasmNative", "icu", "coreAssembly", "assembly"];

    /// <summary>Every file is there; where the target is on this machine each is also read, and is what the page will accept.</summary>
    public static async Task ServedAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var page = (await system.Web.GetAsync(new Uri(system.Frontend, "/"), null, cancellationToken)).Expect(200);
        probe.That(page.Header("Content-Type")?.StartsWith("text/html", StringComparison.Ordinal) == true, $"what is served at / is no page but {page.Header("Content-Type") ?? "of no type"}");
        probe.That(page.Header("Content-Security-Policy")?.Contains("default-src 'none'", StringComparison.Ordinal) == true, "the page may load and send whatever is put into it: its Content-Security-Policy is not what the frontend sends");
        var files = OwnFiles().Matches(page.Text).Select(m => m.Groups[1].Value).Distinct().ToList();
        probe.That(files.Exists(file => file.StartsWith("_framework/", StringComparison.Ordinal)), "the page loads no program");
        foreach (var file in files) (await system.Web.GetAsync(new Uri(system.Frontend, file), null, cancellationToken)).Expect(200);
        var program = (await system.Web.GetAsync(new Uri(system.Frontend, Framework + "dotnet.js"), null, cancellationToken)).Expect(200);
        var list = ListOfParts().Match(program.Text);
        probe.That(list.Success, "the page's program has no list of its parts");
        var resources = JsonElement.Parse(list.Groups[1].Value).Member("resources");
        foreach (var part in Loaded.SelectMany(name => resources.Find(name)?.EnumerateArray().ToList() ?? []))
            await RequirePartAsync(system, probe, part.Text("name"), part.FindText("hash"), cancellationToken);
    }

    /// <summary>Signs in as the page does, goes on with the cookie, and signs out.</summary>
    public static async Task SignsInAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var signedIn = await SignInAsync(system, member, cancellationToken);
        probe.Equal("whose token the page gets", member.UserId, Jwt.ClaimsOf(TokenOf(signedIn)).Id("sub"));
        var cookie = CookieOf(signedIn) ?? throw new Refutation("the page's sign-in brings no cookie");
        var attributes = cookie.Split(';', StringSplitOptions.TrimEntries);
        foreach (var attribute in (string[])["httponly", "samesite=strict", "path=/session"])
            probe.That(attributes.Contains(attribute, StringComparer.OrdinalIgnoreCase), $"the cookie of the page's sign-in is not {attribute}");

        var renewed = await PostAsync(system, "/refresh", [], PairOf(cookie), cancellationToken);
        probe.Equal("whose token the cookie renews", member.UserId, Jwt.ClaimsOf(TokenOf(renewed)).Id("sub"));
        var last = PairOf(CookieOf(renewed) ?? cookie);
        var signedOut = (await SendAsync(system, HttpMethod.Delete, "", null, last, cancellationToken)).Expect(204);
        probe.That(CookieOf(signedOut) is { } left && PairOf(left) == $"{last.Split('=')[0]}=", "signing out leaves the page its cookie");
        (await PostAsync(system, "/refresh", [], last, cancellationToken)).Expect(401, "session_ended");
    }

    /// <summary>What the page asks of both services and of a socket, by the token that its sign-in gave it, arrives through the public origin as it does at the service itself.</summary>
    public static async Task PassesOnAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var token = TokenOf(await SignInAsync(system, member, cancellationToken));
        foreach (var (service, path) in ((Uri, string)[])[(system.Auth, "/auth/me"), (system.Backend, "/api/threads")])
        {
            await probe.ControlAsync(async () => (await system.Web.GetAsync(new Uri(service, path), token, cancellationToken)).Expect(200));
            (await system.Web.GetAsync(new Uri(system.Frontend, path), token, cancellationToken)).Expect(200);
        }

        await probe.ControlAsync(async () => await GreetedAsync(system.Socket));
        probe.Equal("the user that a socket through the public origin greets", member.UserId, await GreetedAsync(system.PublicSocket));

        async Task<Guid> GreetedAsync(Uri url)
        {
            // As a browser does: it cannot set a header of its own, and tells the page's origin.
            await using var socket = await ProbeSocket.OpenAsync(
                url, Carrier.Subprotocol, token, system.Time, cancellationToken, configure: options => options.SetRequestHeader("Origin", OriginOf(system)));
            var hello = await socket.HelloAsync(cancellationToken);
            socket.Note();
            return hello.Id("userId");
        }
    }

    /// <summary>Whoever comes through the public origin is told apart from others that do, and not taken for the frontend.</summary>
    public static async Task TellsWhoCallsAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) throw new NotJudged("this machine has one loopback address");
        using var web = new Web(system.Time, _ => "frontend", Web.Elsewhere);
        // What the frontend asks for a page, and what it passes on: it shows in two ways whom it does that for.
        await NotedAsync("signs in", TokenOf(await PostAsync(system, "", Credentials(member), null, cancellationToken, web)));
        var device = await system.Members.SignInAsync(member.Email, member.Password, member.UserId, cancellationToken);
        var renewed = await web.FormAsync(
            new Uri(system.Frontend, "/connect/token"), [new("grant_type", "refresh_token"), new("client_id", SignIn.ClientId), new("refresh_token", device.RefreshToken)], cancellationToken);
        await NotedAsync("renews a token", renewed.Expect(200).Json.Text("access_token"));

        async Task NotedAsync(string does, string token)
        {
            var devices = (await system.Web.GetAsync(new Uri(system.Auth, "/auth/sessions"), token, cancellationToken)).Expect(200).Json.Items();
            probe.Equal($"the address of who {does} through the public origin", $"{Web.Elsewhere}", devices.Single(d => d.Member("current").GetBoolean()).FindText("address"));
        }
    }

    /// <summary>What a page of another site can make a browser send is refused, cookie or not.</summary>
    public static async Task KeepsOthersOutAsync(SystemUnderTest system, Member member, Probe probe, CancellationToken cancellationToken)
    {
        var cookie = PairOf(CookieOf(await SignInAsync(system, member, cancellationToken)) ?? throw new Refutation("the page's sign-in brings no cookie"));
        (await SendAsync(system, HttpMethod.Post, "/refresh", [], cookie, cancellationToken, origin: "https://elsewhere.invalid")).Expect(403, "foreign_origin");
        (await SendAsync(system, HttpMethod.Post, "/refresh", [], cookie, cancellationToken, isMarked: false)).Expect(403, "missing_header");
        await probe.ControlAsync(async () => (await PostAsync(system, "/refresh", [], cookie, cancellationToken)).Expect(200));
    }

    private static async Task RequirePartAsync(SystemUnderTest system, Probe probe, string name, string? hash, CancellationToken cancellationToken)
    {
        var url = new Uri(system.Frontend, Framework + name);
        var isRead = hash is not null && system.StateRoot is not null;
        using var request = new HttpRequestMessage(isRead ? HttpMethod.Get : HttpMethod.Head, url);
        using var answer = await system.Web.StreamAsync(request, cancellationToken);
        if (!answer.IsSuccessStatusCode) (await system.Web.GetAsync(url, null, cancellationToken)).Expect(200); // as evidence
        if (!isRead) return;
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        probe.Equal($"the content of {url.AbsolutePath}", hash!, $"sha256-{Convert.ToBase64String(await SHA256.HashDataAsync(content, cancellationToken))}");
    }

    private static Task<Answer> SignInAsync(SystemUnderTest system, Member member, CancellationToken cancellationToken) =>
        PostAsync(system, "", Credentials(member), null, cancellationToken);

    private static JsonObject Credentials(Member member) => new() { ["email"] = member.Email, ["password"] = member.Password };

    private static Task<Answer> PostAsync(SystemUnderTest system, string path, JsonObject body, string? cookie, CancellationToken cancellationToken, Web? web = null) =>
        SendAsync(system, HttpMethod.Post, path, body, cookie, cancellationToken, web: web);

    private static Task<Answer> SendAsync(
        SystemUnderTest system, HttpMethod method, string path, JsonObject? body, string? cookie, CancellationToken cancellationToken, string? origin = null, bool isMarked = true, Web? web = null) =>
        (web ?? system.Web).SendAsync(method, new Uri(system.Frontend, "/session" + path), null, body is null ? null : Json.Body(body), cancellationToken, request =>
        {
            if (isMarked) request.Headers.Add("X-Throughline", "1");
            request.Headers.Add("Origin", origin ?? OriginOf(system));
            if (cookie is not null) request.Headers.Add("Cookie", cookie);
        }, cookie is null ? "e-mail and password" : origin is not null ? "the page's cookie, by a page of another site" : "the page's cookie");

    private static string OriginOf(SystemUnderTest system) => system.Frontend.GetLeftPart(UriPartial.Authority);

    private static string TokenOf(Answer signedIn) => signedIn.Expect(200).Json.Text("accessToken");

    private static string? CookieOf(Answer answer) => answer.Header("Set-Cookie");

    private static string PairOf(string cookie) => cookie.Split(';')[0];

    /// <summary>Scripts, styles and fonts of this origin.</summary>
    [GeneratedRegex(@"(?:src|href)=""(?!https?:|//|/""|#|data:)([^""]+\.[^""]+)""")]
    private static partial Regex OwnFiles();

    [GeneratedRegex(@"/\*json-start\*/(.*?)/\*json-end\*/", RegexOptions.Singleline)]
    private static partial Regex ListOfParts();
}
