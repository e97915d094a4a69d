using System.Text.Json.Nodes;

namespace Throughline.Verify.Looks;

/// <summary>
/// Asks the same at the address that clients are given and at the process itself. Where the answers differ it is what stands between
/// that is at fault, and not the service.
/// </summary>
internal sealed class FrontLook(IReadOnlyList<Finding> failed) : Look("front", "What clients get where they are sent, beside what the process itself answers")
{
    private static readonly TimeSpan OneWithin = TimeSpan.FromSeconds(3);

    /// <summary>More than two greetings on one machine differ by, whatever else it does.</summary>
    private static readonly TimeSpan LateBy = TimeSpan.FromMilliseconds(500);

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        foreach (var service in (string[])["auth", "backend"])
            if (scene.DirectOf(service) is { } direct && scene.GivenOf(service) is { } given && direct.Authority != given.Authority)
                await CompareAsync(scene, probe, service, given, direct, service == "auth" ? "/.well-known/jwks" : "/api/limits", cancellationToken);
        if (scene.DirectOf("backend") is not { } backend || Socket(scene, "backend") is not { } socket) return;
        var own = new UriBuilder(backend) { Scheme = "ws", Path = "/ws" }.Uri;
        var members = await MembersAsync(scene, cancellationToken);
        var token = members.Count > 0 ? members[0].AccessToken : "not-a-token";
        if (socket.Authority != own.Authority)
        {
            await CompareSocketsAsync(scene, probe, socket, own, token, cancellationToken);
            await ComparePagesAsync(scene, probe, socket, own, token, cancellationToken);
        }

        if (scene.GivenOf("backend") is not { } api || api.Authority == backend.Authority || members.Count < 2) return;
        await CompareIdentitiesAsync(scene, probe, api, backend, members, cancellationToken);
        await CompareAbsenceAsync(scene, probe, api, backend, members[0], cancellationToken);
        if (failed.Any(f => f.Check == "limits")) await CompareLimitsAsync(scene, probe, api, backend, members, cancellationToken);
    }

    private static void Note(Probe probe, DirectLook look)
    {
        var url = new Uri(look.GivenUrl);
        probe.Add(look with { Holder = System.Net.IPAddress.TryParse(url.Host, out var address) && ListeningSockets.HolderOf(address, url.Port) is { } holder ? $"process {holder.Pid} ({holder.Name})" : null });
    }

    private static Uri? Socket(Scene scene, string service) => scene.RecordOf(service)?.WsUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null;

    private static async Task<IReadOnlyList<Member>> MembersAsync(Scene scene, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(OneWithin);
            return [await scene.System.Members.SignUpAsync("look-one", limit.Token), await scene.System.Members.SignUpAsync("look-two", limit.Token)];
        }
        catch (Exception e) when (e is Refutation or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return scene.System.Members.Signed is { } member ? [member] : [];
        }
    }

    private static async Task CompareAsync(Scene scene, Probe probe, string service, Uri given, Uri direct, string path, CancellationToken cancellationToken) => Note(probe, new DirectLook(
        probe.Now, service, $"GET {path}", given.AbsoluteUri, direct.AbsoluteUri,
        await AnswerAsync(scene, new Uri(given, path), null, service == "auth", cancellationToken), await AnswerAsync(scene, new Uri(direct, path), null, service == "auth", cancellationToken)));

    private static async Task CompareSocketsAsync(Scene scene, Probe probe, Uri given, Uri direct, string token, CancellationToken cancellationToken)
    {
        var time = scene.System.Time;
        var began = time.GetTimestamp();
        var there = await GreetingAsync(scene, given, token, cancellationToken);
        var turned = time.GetTimestamp();
        var here = await GreetingAsync(scene, direct, token, cancellationToken);
        var later = time.GetElapsedTime(began, turned) - time.GetElapsedTime(turned);
        if (there == here && later > LateBy) there = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{there}, {later.TotalMilliseconds:0} ms later");
        Note(probe, new DirectLook(probe.Now, "backend", "a socket with a token in the header", given.AbsoluteUri, direct.AbsoluteUri, there, here));
    }

    /// <summary>Somebody asks for a thread that nobody has.</summary>
    private static async Task CompareAbsenceAsync(Scene scene, Probe probe, Uri given, Uri direct, Member member, CancellationToken cancellationToken)
    {
        var path = $"/api/threads/{Guid.NewGuid()}";
        Note(probe, new DirectLook(
            probe.Now, "backend", "GET of a thread that nobody has", given.AbsoluteUri, direct.AbsoluteUri,
            await AnswerAsync(scene, new Uri(given, path), member.AccessToken, withBody: false, cancellationToken), await AnswerAsync(scene, new Uri(direct, path), member.AccessToken, withBody: false, cancellationToken)));
    }

    /// <summary>As a page of the public origin opens it.</summary>
    private static async Task ComparePagesAsync(Scene scene, Probe probe, Uri given, Uri direct, string token, CancellationToken cancellationToken)
    {
        if (scene.GivenOf("frontend") is not { } frontend) return;
        var origin = $"http://localhost:{frontend.Port}";
        Note(probe, new DirectLook(
            probe.Now, "backend", "a socket of an own page", given.AbsoluteUri, direct.AbsoluteUri, await GreetingAsync(scene, given, token, cancellationToken, origin), await GreetingAsync(scene, direct, token, cancellationToken, origin)));
    }

    /// <summary>Two people ask who they are, one after the other.</summary>
    private static async Task CompareIdentitiesAsync(Scene scene, Probe probe, Uri given, Uri direct, IReadOnlyList<Member> members, CancellationToken cancellationToken)
    {
        string[] answers = ["", ""];
        foreach (var member in members)
        {
            for (var i = 0; i < 2; i++)
            {
                var answer = await scene.System.Web.GetAsync(new Uri(i == 0 ? given : direct, "/api/me"), member.AccessToken, cancellationToken);
                answers[i] += answer.Status != 200 ? $"{answer.Status} " : answer.Text.Contains($"{member.UserId}", StringComparison.OrdinalIgnoreCase) ? "own " : "another's ";
            }
        }

        Note(probe, new DirectLook(probe.Now, "backend", "GET /api/me by two users", given.AbsoluteUri, direct.AbsoluteUri, answers[0].TrimEnd(), answers[1].TrimEnd()));
    }

    /// <summary>One more question than the smallest quota has room for, by a user each.</summary>
    private static async Task CompareLimitsAsync(Scene scene, Probe probe, Uri given, Uri direct, IReadOnlyList<Member> members, CancellationToken cancellationToken)
    {
        string[] last = ["", ""];
        for (var i = 0; i < 2; i++)
            for (var n = 0; n < 6; n++)
            {
                var answer = await scene.System.Web.SendAsync(HttpMethod.Post, new Uri(i == 0 ? given : direct, "/api/agui"), members[i].AccessToken, Json.Body(new JsonObject
                {
                    ["threadId"] = $"look-{Guid.NewGuid()}",
                    ["runId"] = $"look-{Guid.NewGuid()}",
                    ["state"] = new JsonObject(),
                    ["tools"] = new JsonArray(),
                    ["context"] = new JsonArray(),
                    ["forwardedProps"] = new JsonObject(),
                    ["messages"] = new JsonArray(new JsonObject { ["id"] = "m-1", ["role"] = "user", ["content"] = "hello" }),
                }), cancellationToken);
                last[i] = $"{answer.Status}";
            }

        Note(probe, new DirectLook(probe.Now, "backend", "six questions in a row", given.AbsoluteUri, direct.AbsoluteUri, last[0], last[1]));
    }

    private static async Task<string> AnswerAsync(Scene scene, Uri url, string? token, bool withBody, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OneWithin);
        try
        {
            var answer = await scene.System.Web.GetAsync(url, token, limit.Token);
            return $"{answer.Status}{(answer.Code is { } code ? $" {code}" : "")}{(withBody ? $" {answer.Text}" : "")}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{Web.FailureOf(e)}";
        }
    }

    private static async Task<string> GreetingAsync(Scene scene, Uri url, string token, CancellationToken cancellationToken, string? origin = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OneWithin);
        ProbeSocket? socket = null;
        try
        {
            socket = await ProbeSocket.OpenAsync(
                url, Carrier.Header, token, scene.System.Time, limit.Token, configure: origin is null ? null : options => options.SetRequestHeader("Origin", origin));
            if (socket.HttpStatus is { } status) return $"HTTP {status}";
            await socket.HelloAsync(limit.Token);
            await socket.AskAsync(new JsonObject { ["type"] = "ping" }, limit.Token);
            return "hello";
        }
        catch (Exception e) when (e is Refutation or System.Net.WebSockets.WebSocketException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return socket?.CloseCode is { } code ? $"closed with {code}" : socket?.Describe() is { Failure: { } failure } ? $"{failure}" : $"{Web.FailureOf(e)}";
        }
        finally
        {
            if (socket is not null) await socket.DisposeAsync();
        }
    }
}

/// <summary>What the public origin forwards, beside what the services answer themselves.</summary>
internal sealed class PublicOriginLook() : Look("origin", "What the public origin forwards")
{
    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        if (scene.DirectOf("frontend") is not { } frontend) return;
        foreach (var (service, path, status) in ((string, string, int)[])[("auth", "/.well-known/jwks", 200), ("backend", "/api/limits", 401)])
        {
            // Through the public origin, and where the service's process is.
            if (scene.DirectOf(service) is not { } direct) continue;
            var (through, own) = (await StatusAsync(scene, new Uri(new Uri($"http://localhost:{frontend.Port}"), path), cancellationToken), await StatusAsync(scene, new Uri(direct, path), cancellationToken));
            if (own == $"{status}") probe.Add(new DirectLook(probe.Now, "frontend", $"GET {path} of {service}", $"http://localhost:{frontend.Port}", direct.AbsoluteUri, through, own));
        }
    }

    private static async Task<string> StatusAsync(Scene scene, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return $"{(await scene.System.Web.GetAsync(url, null, cancellationToken)).Status}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"{Web.FailureOf(e)}";
        }
    }
}
