using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Testing.ObjectStorage;

/// <summary>Checks a request's signature as S3 does: version 4, in the Authorization header, over the body's hash too.</summary>
/// <remarks>Source: <see href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"/>.</remarks>
internal static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <returns>The error code that S3 answers with; null where the signature is right.</returns>
    public static string? FaultOf(HttpListenerRequest request, byte[] body, string accessKey, string secretKey)
    {
        // AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123…
        var header = request.Headers["Authorization"] ?? "";
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal)) return "AccessDenied";
        var fields = header[(Algorithm.Length + 1)..].Split(',').Select(part => part.Trim().Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var scope = fields["Credential"].Split('/', 2)[1];
        if (!fields["Credential"].StartsWith(accessKey + "/", StringComparison.Ordinal)) return "InvalidAccessKeyId";
        if (request.Headers["x-amz-content-sha256"] != Hex(SHA256.HashData(body))) return "XAmzContentSHA256Mismatch";

        var signed = fields["SignedHeaders"].Split(';');
        if (!signed.Contains("host") || !signed.Contains("x-amz-date") || !signed.Contains("x-amz-content-sha256")) return "AccessDenied";
        var canonical = string.Join('\n', [
            request.HttpMethod, request.RawUrl!.Split('?')[0], QueryOf(request.RawUrl!),
            .. signed.Select(name => $"{name}:{request.Headers[name]?.Trim()}"), "", fields["SignedHeaders"], request.Headers["x-amz-content-sha256"]!]);
        var date = request.Headers["x-amz-date"]!;
        if (Math.Abs((TimeProvider.System.GetUtcNow() - DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)).TotalMinutes) > 15)
            return "RequestTimeTooSkewed";

        var text = string.Join('\n', Algorithm, date, scope, Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secretKey), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text))) == fields["Signature"] ? null : "SignatureDoesNotMatch";
    }

    private static string QueryOf(string url)
    {
        if (url.Split('?', 2) is not [_, { Length: > 0 } query]) return "";
        return string.Join('&', query.Split('&').Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
