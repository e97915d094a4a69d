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
        var signedIn = await PostAsync(system, "", new JsonObject { ["email"] = member.Email, ["password"] = member.Password }, null, cancellationToken);
        probe.Equal("whose token the page gets", member.UserId, Jwt.ClaimsOf(signedIn.Expect(200).Json.Text("accessToken")).Id("sub"));
        var cookie = signedIn.Header("Set-Cookie") ?? throw new Refutation("the page's sign-in brings no cookie");
        foreach (var attribute in (string[])["httponly", "samesite=strict", "path=/session"])
            probe.That(cookie.Contains(attribute, StringComparison.OrdinalIgnoreCase), $"the cookie of the page's sign-in is not {attribute}");

        var renewed = await PostAsync(system, "/refresh", [], PairOf(cookie), cancellationToken);
        probe.Equal("whose token the cookie renews", member.UserId, Jwt.ClaimsOf(renewed.Expect(200).Json.Text("accessToken")).Id("sub"));
        var last = PairOf(renewed.Header("Set-Cookie") ?? cookie);
        (await SendAsync(system, HttpMethod.Delete, "", null, last, cancellationToken)).Expect(204);
        (await PostAsync(system, "/refresh", [], last, cancellationToken)).Expect(401, "session_ended");
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

    private static Task<Answer> PostAsync(SystemUnderTest system, string path, JsonObject body, string? cookie, CancellationToken cancellationToken) =>
        SendAsync(system, HttpMethod.Post, path, body, cookie, cancellationToken);

    private static Task<Answer> SendAsync(SystemUnderTest system, HttpMethod method, string path, JsonObject? body, string? cookie, CancellationToken cancellationToken) =>
        system.Web.SendAsync(method, new Uri(system.Frontend, "/session" + path), null, body is null ? null : Json.Body(body), cancellationToken, request =>
        {
            request.Headers.Add("X-Throughline", "1");
            request.Headers.Add("Origin", system.Frontend.GetLeftPart(UriPartial.Authority));
            if (cookie is not null) request.Headers.Add("Cookie", cookie);
        }, cookie is null ? "e-mail and password" : "the page's cookie");

    private static string PairOf(string cookie) => cookie.Split(';')[0];

    /// <summary>Scripts, styles and fonts of this origin.</summary>
    [GeneratedRegex(@"(?:src|href)=""(?!https?:|//|/""|#|data:)([^""]+\.[^""]+)""")]
    private static partial Regex OwnFiles();

    [GeneratedRegex(@"/\*json-start\*/(.*?)/\*json-end\*/", RegexOptions.Singleline)]
    private static partial Regex ListOfParts();
}
