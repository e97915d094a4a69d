using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Throughline.Verify.Faults;

/// <summary>Takes every trace of a token out of a socket's request.</summary>
internal sealed class StripsTheToken : ProxyBehaviour
{
    public override HttpHead Request(HttpHead request) => !request.IsUpgrade
        ? request
        : (request with { First = request.First.Replace(request.Target, request.Path, StringComparison.Ordinal) }).Without("Authorization").With("Sec-WebSocket-Protocol", "throughline.v1");
}

/// <summary>Takes the token out of requests, but leaves sockets theirs.</summary>
internal sealed class StripsRequestTokens : ProxyBehaviour
{
    public override HttpHead Request(HttpHead request) => request.IsUpgrade ? request : request.Without("Authorization");
}

/// <summary>Answers requests for one path itself, with 500.</summary>
internal sealed class FailsAt(string path) : ProxyBehaviour
{
    public override byte[]? Answer(HttpHead request) => request.Path == path ? HttpHead.Answer(500, "{}") : null;
}

/// <summary>Refuses sockets, as one that knows only requests and answers does.</summary>
internal sealed class RefusesSockets(int status) : ProxyBehaviour
{
    public override byte[]? Answer(HttpHead request) => request.IsUpgrade ? HttpHead.Answer(status, "{}") : null;
}

/// <summary>Forwards a request for a socket without the fields that are for the next hop alone (RFC 9110 §7.6.1), as it must with any other.</summary>
internal sealed class DropsTheUpgrade : ProxyBehaviour
{
    public override HttpHead Request(HttpHead request) => request.IsUpgrade ? request.Without("Upgrade").Without("Connection") : request;
}

/// <summary>Sends sockets to a path where there is none.</summary>
internal sealed class MovesThePath : ProxyBehaviour
{
    public override HttpHead Request(HttpHead request) => request.IsUpgrade ? request with { First = request.First.Replace(" /ws", " /socket", StringComparison.Ordinal) } : request;
}

/// <summary>Cuts a socket as soon as a byte passes.</summary>
internal sealed class CutsSockets : ProxyBehaviour
{
    public override ValueTask<bool> SocketAsync(bool toTarget, Memory<byte> bytes, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

/// <summary>Lets nothing through on a socket, and tells nobody.</summary>
internal sealed class StallsSockets : ProxyBehaviour
{
    public override async ValueTask<bool> SocketAsync(bool toTarget, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return false;
    }
}

/// <summary>Passes everything on, but what the service sends on a socket late.</summary>
internal sealed class DelaysSockets(TimeSpan delay) : ProxyBehaviour
{
    public override async ValueTask<bool> SocketAsync(bool toTarget, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!toTarget) await Task.Delay(delay, TimeProvider.System, cancellationToken);
        return true;
    }
}

/// <summary>Tells somebody who asks for a thread of another's, or of nobody's, that it is forbidden, as one that keeps a list of its own does.</summary>
internal sealed class ForbidsWhatIsAbsent : ProxyBehaviour
{
    public override HttpHead Response(HttpHead request, HttpHead response) =>
        request.Path.StartsWith("/api/threads/", StringComparison.Ordinal) && response.First.Contains(" 404", StringComparison.Ordinal) ? response with { First = "HTTP/1.1 403 Forbidden" } : response;
}

/// <summary>Sets a reserved bit in what the service sends on a socket (RFC 6455 §5.2).</summary>
internal sealed class GarblesSockets : ProxyBehaviour
{
    public override ValueTask<bool> SocketAsync(bool toTarget, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!toTarget) bytes.Span[0] |= 0x70;
        return ValueTask.FromResult(true);
    }
}

/// <summary>Says that every page is from elsewhere.</summary>
internal sealed class RewritesTheOrigin : ProxyBehaviour
{
    public override HttpHead Request(HttpHead request) => request.Value("Origin") is null ? request : request.With("Origin", "https://elsewhere.invalid");
}

/// <summary>Keeps answers by their path alone, and gives them to whoever asks next.</summary>
internal sealed class SharesAnswers : ProxyBehaviour
{
    private readonly ConcurrentDictionary<string, byte[]> _kept = new();

    public override byte[]? Answer(HttpHead request) => Keeps(request) ? _kept.GetValueOrDefault(request.Target) : null;

    public override bool Keeps(HttpHead request) => request.Method == "GET" && request.Path.StartsWith("/api/", StringComparison.Ordinal) && request.Value("Authorization") is not null;

    public override void Passed(HttpHead request, byte[] answer)
    {
        if (answer.AsSpan().StartsWith("HTTP/1.1 200"u8)) _kept[request.Target] = answer;
    }
}

/// <summary>Asks for everybody with the token of who came first.</summary>
internal sealed class SwapsIdentities : ProxyBehaviour
{
    private string? _first;

    public override HttpHead Request(HttpHead request)
    {
        if (request.Value("Authorization") is not { } token || !request.Path.StartsWith("/api/", StringComparison.Ordinal)) return request;
        return request.With("Authorization", Interlocked.CompareExchange(ref _first, token, null) ?? token);
    }
}

/// <summary>Turns "too many" into "well done".</summary>
internal sealed class HidesLimits : ProxyBehaviour
{
    public override HttpHead Response(HttpHead request, HttpHead response) => response.First.Contains(" 429", StringComparison.Ordinal)
        ? (response with { First = "HTTP/1.1 200 OK" }).Without("Retry-After").Without("RateLimit").Without("RateLimit-Policy")
        : response;
}

/// <summary>Lets health pages through, and fails at everything else.</summary>
internal sealed class FailsButForHealth : ProxyBehaviour
{
    public override byte[]? Answer(HttpHead request) =>
        request.Path.StartsWith("/api/", StringComparison.Ordinal) ? HttpHead.Answer(500, """{"title":"An error occurred.","status":500}""", "application/problem+json") : null;
}

/// <summary>Answers with a clock that is an hour ahead.</summary>
internal sealed class IsAhead(TimeProvider time) : ProxyBehaviour
{
    public override HttpHead Response(HttpHead request, HttpHead response) => response.With("Date", time.GetUtcNow().AddHours(1).ToString("r", System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>Hands out a key of its own under the name of the real one.</summary>
internal sealed class PublishesOtherKeys(Func<string> keyId) : ProxyBehaviour
{
    public override byte[]? Answer(HttpHead request)
    {
        if (request.Path != "/.well-known/jwks") return null;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return HttpHead.Answer(200, $$"""
            {"keys":[{"kid":"{{keyId()}}","use":"sig","kty":"EC","alg":"ES256","crv":"P-256","x":"{{System.Buffers.Text.Base64Url.EncodeToString(q.X)}}","y":"{{System.Buffers.Text.Base64Url.EncodeToString(q.Y)}}"}]}
            """);
    }
}

/// <summary>Keeps the backend from reading the feed of users: holds the request, or refuses it.</summary>
internal sealed class KeepsTheFeed(bool refuses) : ProxyBehaviour
{
    private const string Feed = "/internal/users/changes";

    public override bool Holds(HttpHead request) => !refuses && request.Path == Feed;

    public override byte[]? Answer(HttpHead request) => refuses && request.Path == Feed ? HttpHead.Answer(502, "{}") : null;
}

/// <summary>A model's endpoint that takes questions and never answers, or fails.</summary>
internal sealed class BadModel(bool fails) : ProxyBehaviour
{
    public override bool Holds(HttpHead request) => !fails;

    public override byte[]? Answer(HttpHead request) => HttpHead.Answer(500, """{"error":{"message":"overloaded"}}""");
}
