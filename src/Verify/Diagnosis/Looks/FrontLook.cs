using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.ServiceDefaults;
using Throughline.Verify.Checks;
using Throughline.Verify.Rules;

namespace Throughline.Verify.Looks;

/// <summary>
/// Asks the same at the address that clients are given and at the process itself, whatever failed among it. Where the answers differ it is
/// what stands between that is at fault, and not the service.
/// </summary>
internal sealed class FrontLook(IReadOnlyList<Finding> failed) : Look("front", "What clients get where they are sent, beside what the process itself answers")
{
    /// <summary>What rules go by; each is a comparison's <see cref="DirectLook.What"/>.</summary>
    public const string Socket = "a socket with a token in the header";
    public const string PageSocket = "a socket of an own page";
    public const string TwoUsers = "GET /api/me by two users";
    public const string SixQuestions = "six questions in a row";
    public const string Question = "a question, and the events of its answer";
    public const string Lasting = "a socket that is kept open";
    public const string Connections = "connections one after the other";
    public const string Keys = "GET /.well-known/jwks";
    public const string OwnAccount = "GET /auth/me with a token";

    private const int Tried = 20;
    private const int Replayed = 6;
    private static readonly TimeSpan OneWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan BetweenPings = TimeSpan.FromMilliseconds(250);

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        var (auth, backend) = (At(scene, probe, "auth"), At(scene, probe, "backend"));
        var socket = Sockets(scene, probe);
        if (auth is null && backend is null && socket is null) return; // nothing stands in front of anything
        Probe.Current = null; // what is compared is the evidence, not each request
        var caller = new Caller(scene, cancellationToken);
        if (auth is not null)
        {
            await auth.CompareTimedAsync(Keys, place => caller.GetAsync(new Uri(place, "/.well-known/jwks"), null, withBody: true));
            await auth.CompareUnlessLimitedAsync("signing up and in", caller.SignUpAndInAsync);
            await auth.CompareAsync(Connections, caller.ConnectAsync);
        }

        if (backend is not null) await backend.CompareTimedAsync("GET /api/limits", place => caller.GetAsync(new Uri(place, "/api/limits"), null));
        var members = await MembersAsync(scene, cancellationToken);
        var isGreeted = socket is not null && await CompareSocketsAsync(scene, socket, caller, members);
        // Beside all else, since it takes its time.
        var lasting = isGreeted && members is [var kept, ..] && failed.Any(IsCut) ? Task.WhenAll(caller.KeepAsync(socket!.Given, kept.AccessToken), caller.KeepAsync(socket.Direct, kept.AccessToken)) : null;
        await CompareWithMembersAsync(auth, backend, isGreeted ? socket : null, caller, members);
        if (lasting is not null && await lasting is [var there, var here]) socket!.Note(Lasting, there, here);
    }

    private static bool IsCut(Finding finding) => Case.Of<SocketExchange>([finding]).Any() && finding.Reason?.Contains("connection broke", StringComparison.Ordinal) == true;

    private async Task CompareWithMembersAsync(BothPlaces? auth, BothPlaces? backend, BothPlaces? socket, Caller caller, IReadOnlyList<Member> members)
    {
        if (members is not [var one, var two]) return;
        if (auth is not null) await auth.CompareAsync(OwnAccount, place => caller.GetAsync(new Uri(place, "/auth/me"), one.AccessToken));
        if (backend is not null)
        {
            await backend.CompareAsync(TwoUsers, place => caller.WhoAmIAsync(place, members));
            var absent = $"/api/threads/{Guid.NewGuid()}";
            await backend.CompareAsync("GET of a thread that nobody has", place => caller.GetAsync(new Uri(place, absent), one.AccessToken));
            await backend.CompareAsync(Connections, caller.ConnectAsync);
        }

        if (socket is not null) await socket.CompareAsync(Question, place => caller.AskAsync(place, socket.Direct, place == socket.Direct ? two : one));
        if (backend is not null && failed.Any(f => f.Check == "limits")) await backend.CompareAsync(SixQuestions, place => caller.AskSixAsync(place, place == backend.Direct ? two : one));
        // What failed comes last: some of it ends a session.
        foreach (var (place, service) in ((BothPlaces?, string)[])[(auth, "auth"), (backend, "backend")])
            if (place is not null)
                foreach (var request in Failures(service).Take(Replayed))
                    await place.CompareUnlessLimitedAsync($"{request.Method} {new Uri(request.Url).AbsolutePath}", at => caller.RepeatAsync(at, request, one.AccessToken));
    }

    /// <summary>Null where nothing stands in front of the service, or it is not there itself.</summary>
    private static BothPlaces? At(Scene scene, Probe probe, string service) =>
        scene.DirectOf(service) is { } direct && scene.GivenOf(service) is { } given && direct.Authority != given.Authority ? new BothPlaces(scene, probe, service, given, direct) : null;

    private static BothPlaces? Sockets(Scene scene, Probe probe) =>
        scene.DirectOf("backend") is { } backend && scene.RecordOf("backend")?.WsUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var given) && given.Authority != backend.Authority
            ? new BothPlaces(scene, probe, "backend", given, new UriBuilder(backend) { Scheme = "ws", Path = "/ws" }.Uri)
            : null;

    private static async Task<bool> CompareSocketsAsync(Scene scene, BothPlaces socket, Caller caller, IReadOnlyList<Member> members)
    {
        var token = members.Count > 0 ? members[0].AccessToken : "not-a-token";
        var isAlike = await socket.CompareTimedAsync(Socket, place => caller.GreetAsync(place, token));
        if (scene.GivenOf("frontend") is { } frontend) await socket.CompareAsync(PageSocket, place => caller.GreetAsync(place, token, FrontendPages.At(frontend).GetLeftPart(UriPartial.Authority)));
        return isAlike;
    }

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

    /// <summary>Requests that failed at the service, each once.</summary>
    private IEnumerable<HttpExchange> Failures(string service) => failed.Select(f => Case.LastExchange(f)).OfType<HttpExchange>()
        .Where(e => e.From?.Service == service && e.Method is "GET" or "POST").DistinctBy(e => (e.Method, new Uri(e.Url).AbsolutePath));

    /// <summary>Asks at a place, and says in a few words what came of it: the same words for what is the same.</summary>
    private sealed class Caller(Scene scene, CancellationToken stop)
    {
        private Web Web => scene.System.Web;

        public Task<string> GetAsync(Uri url, string? token, bool withBody = false) => SayAsync(async limit =>
        {
            var answer = await Web.GetAsync(url, token, limit);
            return Say(answer) + (withBody ? $" {answer.Text}" : "");
        });

        /// <summary>With an empty body: how far a request comes shows who answers it.</summary>
        public Task<string> RepeatAsync(Uri place, HttpExchange request, string token) => SayAsync(async limit => Say(await Web.SendAsync(
            new HttpMethod(request.Method), new Uri(place, new Uri(request.Url).PathAndQuery), token, request.Method == "GET" ? null : Json.Body(new JsonObject()), limit)));

        /// <summary>Somebody new.</summary>
        public Task<string> SignUpAndInAsync(Uri auth) => SayAsync(async limit =>
        {
            var (email, password) = (Members.NewEmail("look"), Members.NewPassword());
            var up = await Web.SendAsync(HttpMethod.Post, new Uri(auth, "/auth/signup"), null, Json.Body(new JsonObject { ["email"] = email, ["password"] = password, ["name"] = "look" }), limit, sent: "e-mail and password");
            if (up.Status == 201) scene.System.Members.Note(email, password);
            var signedIn = await Web.SendAsync(
                HttpMethod.Post, new Uri(auth, "/auth/login"), null, Json.Body(new JsonObject { ["email"] = email, ["password"] = password }), limit, request => request.Headers.Add("X-Throughline", "1"), "e-mail and password");
            var token = await Web.FormAsync(new Uri(auth, "/connect/token"), [new("grant_type", "refresh_token"), new("client_id", SignIn.ClientId), new("refresh_token", "none")], limit);
            return $"{Say(up)}, {Say(signedIn)}, {Say(token)}";
        });

        /// <summary>Two people ask who they are, one after the other.</summary>
        public Task<string> WhoAmIAsync(Uri backend, IReadOnlyList<Member> members) => SayAsync(async limit =>
        {
            var said = new List<string>();
            foreach (var member in members)
            {
                var answer = await Web.GetAsync(new Uri(backend, "/api/me"), member.AccessToken, limit);
                said.Add(answer.Status != 200 ? Say(answer) : answer.Text.Contains($"{member.UserId}", StringComparison.OrdinalIgnoreCase) ? "own" : "another's");
            }

            return string.Join(' ', said);
        });

        /// <summary>Whether each of some connections is taken and answered.</summary>
        public Task<string> ConnectAsync(Uri place) => SayAsync(async limit =>
        {
            var answered = 0;
            for (var i = 0; i < Tried; i++)
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync(place.Host, place.Port, limit);
                    await using var stream = client.GetStream();
                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: {place.Authority}\r\nConnection: close\r\n\r\n"), limit);
                    if (await stream.ReadAsync(new byte[1], limit) > 0) answered++;
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    // Not answered.
                }
            }

            return $"{answered} of {Tried} answered";
        });

        /// <summary>One more question than the smallest quota has room for, and when the next may come.</summary>
        public Task<string> AskSixAsync(Uri backend, Member member) => SayAsync(async limit =>
        {
            Answer? answer = null;
            for (var n = 0; n < 6; n++)
                answer = await Web.SendAsync(HttpMethod.Post, new Uri(backend, "/api/agui"), member.AccessToken, Json.Body(new JsonObject
                {
                    ["threadId"] = $"look-{Guid.NewGuid()}",
                    ["runId"] = $"look-{Guid.NewGuid()}",
                    ["state"] = new JsonObject(),
                    ["tools"] = new JsonArray(),
                    ["context"] = new JsonArray(),
                    ["forwardedProps"] = new JsonObject(),
                    ["messages"] = new JsonArray(new JsonObject { ["id"] = "m-1", ["role"] = "user", ["content"] = "hello" }),
                }), limit);
            if (answer!.Status != 429) return $"{answer.Status}";
            // The window began some seconds ago, at either.
            var wait = int.TryParse(answer.Header("Retry-After"), CultureInfo.InvariantCulture, out var seconds) ? seconds > 30 ? "more than 30 s" : "less than 30 s" : "no time";
            return $"429, {wait} to wait{(answer.Header("RateLimit") is null ? ", no RateLimit" : "")}";
        });

        public Task<string> GreetAsync(Uri url, string token, string? origin = null) => SayAsync(async limit =>
        {
            ProbeSocket? socket = null;
            try
            {
                socket = await ProbeSocket.OpenAsync(url, Carrier.Header, token, scene.System.Time, limit, configure: origin is null ? null : options => options.SetRequestHeader("Origin", origin));
                if (socket.HttpStatus is { } status) return $"HTTP {status}";
                await socket.HelloAsync(limit);
                await socket.AskAsync(new JsonObject { ["type"] = "ping" }, limit);
                return "hello";
            }
            catch (Exception e) when (e is Refutation or System.Net.WebSockets.WebSocketException or TimeoutException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                return socket?.CloseCode is { } code ? $"closed with {code}" : socket?.Describe() is { Failure: { } failure } ? $"{failure}" : $"{Web.FailureOf(e)}";
            }
            finally
            {
                if (socket is not null) await socket.DisposeAsync();
            }
        });

        /// <summary>Says something now and then for some seconds.</summary>
        public async Task<string> KeepAsync(Uri place, string token)
        {
            try
            {
                await using var socket = await ProbeSocket.OpenAsync(place, Carrier.Header, token, scene.System.Time, stop);
                for (var kept = TimeSpan.Zero; kept < KeptFor; kept += BetweenPings)
                {
                    await socket.AskAsync(new JsonObject { ["type"] = "ping" }, stop);
                    await Task.Delay(BetweenPings, scene.System.Time, stop);
                }

                return "it stays";
            }
            catch (Exception e) when (e is Refutation or System.Net.WebSockets.WebSocketException or TimeoutException)
            {
                return "it breaks";
            }
        }

        /// <summary>Asks at a place, and reads at the process itself what the thread holds afterwards.</summary>
        public Task<string> AskAsync(Uri place, Uri direct, Member member) => SayAsync(async limit =>
        {
            await using var socket = await ProbeSocket.OpenAsync(place, Carrier.Header, member.AccessToken, scene.System.Time, limit);
            await socket.HelloAsync(limit);
            var started = await Asking.AskAsync(socket, "What can you do?", limit);
            await using var kept = await ProbeSocket.OpenAsync(direct, Carrier.Header, member.AccessToken, scene.System.Time, limit);
            await kept.HelloAsync(limit);
            await kept.AskAsync(new JsonObject { ["type"] = "thread.subscribe", ["threadId"] = started.ThreadId, ["after"] = 0 }, limit);
            await Asking.EndAsync(kept, started.RunId, limit);
            await EndAsync(socket, started.RunId, limit);
            return Difference(socket.EventsOf(started.ThreadId), kept.EventsOf(started.ThreadId), started);
        });

        /// <summary>Where the end does not come, what did come is all.</summary>
        private static async Task EndAsync(ProbeSocket socket, string runId, CancellationToken limit)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit);
            patience.CancelAfter(OneWithin / 3);
            try
            {
                await Asking.EndAsync(socket, runId, patience.Token);
            }
            catch (TimeoutException) when (!limit.IsCancellationRequested)
            {
                // The thread is over, and the rest is missing.
            }
        }

        private static string Difference(IReadOnlyList<JsonElement> came, IReadOnlyList<JsonElement> kept, Started started)
        {
            var wanted = kept.Where(e => e.Number("seq") > started.Seq).ToDictionary(e => e.Number("seq"), e => e.Member("event").GetRawText());
            var distinct = came.DistinctBy(e => e.Number("seq")).ToList();
            var other = distinct.Count(e => wanted.GetValueOrDefault(e.Number("seq")) != e.Member("event").GetRawText());
            return came.Count > distinct.Count ? $"{came.Count - distinct.Count} of {wanted.Count} events came twice"
                : distinct.Count < wanted.Count ? $"{wanted.Count - distinct.Count} of {wanted.Count} events did not come"
                : other > 0 ? $"{other} of {wanted.Count} events are not as they are kept"
                : "as they are kept";
        }

        private async Task<string> SayAsync(Func<CancellationToken, Task<string>> ask)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(OneWithin);
            try
            {
                return await ask(limit.Token);
            }
            catch (Refutation e)
            {
                return e.Message;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.WebSockets.WebSocketException or TimeoutException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                return $"{Web.FailureOf(e)}";
            }
        }

        private static string Say(Answer answer) => $"{answer.Status} {answer.Code}".TrimEnd();
    }
}
