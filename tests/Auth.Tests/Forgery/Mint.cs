using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>
/// Writes tokens as auth does, and any others. Members are given as JSON text, so that what no serializer would write can be written.
/// One for each thread: its keys are not made for two.
/// </summary>
internal sealed class Mint : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create();
    private readonly ECDsa _stranger = ECDsa.Create();

    public Mint(Truth truth)
    {
        Truth = truth;
        _key.ImportPkcs8PrivateKey(truth.Key, out _);
        _stranger.ImportPkcs8PrivateKey(StrangersKeys.P256, out _);
    }

    public Truth Truth { get; }

    /// <summary>The key that auth publishes. A forger has only its public half; here the private one is at hand too.</summary>
    public ECDsa Published => _key;

    public ECDsa Stranger => _stranger;

    /// <summary>A token that is right in everything: the control.</summary>
    public string Good() => Sign(Header(), Claims());

    public string Header(params (string Name, string? Json)[] changes) => Object(
        Truth.Secret is null ? [("alg", "\"ES256\""), ("kid", $"\"{Truth.KeyId}\""), ("typ", "\"at+jwt\"")] : [("alg", "\"HS256\""), ("typ", "\"at+jwt\"")], changes);

    /// <param name="changes">A member's other value; null leaves it out; a new one comes at the end.</param>
    public string Claims(params (string Name, string? Json)[] changes)
    {
        var now = Truth.Now;
        return Object(
            [
                ("iss", $"\"{Truth.Issuer}\""), ("aud", "\"throughline\""), ("sub", $"\"{Truth.User}\""), ("client_id", "\"throughline-cli\""),
                ("scope", "\"openid offline_access api\""), ("sid", $"\"{Truth.Session}\""), ("email", "\"maya@example.com\""), ("name", "\"Maya\""),
                ("tier", "\"free\""), ("role", "\"user\""), ("jti", $"\"{Guid.CreateVersion7()}\""),
                ("iat", Text(now)), ("nbf", Text(now)), ("exp", Text(now + 900)),
            ], changes);
    }

    /// <summary>Signed as auth signs, whatever the header says.</summary>
    public string Sign(string header, string claims) => SignEncoded(Encode(header), Encode(claims));

    public string SignEncoded(string header, string claims) => Complete($"{header}.{claims}", Signature($"{header}.{claims}"));

    public string SignAsStranger(string header, string claims) => SignWith(
        header, claims, signed => Truth.Secret is null ? _stranger.SignData(signed, HashAlgorithmName.SHA256) : HMACSHA256.HashData(StrangersKeys.Secret, signed));

    public static string SignWith(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return Complete(signed, sign(Encoding.ASCII.GetBytes(signed)));
    }

    public byte[] Signature(string signed) => Truth.Secret is { } secret
        ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed))
        : _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);

    public static string Complete(string signed, byte[] signature) => $"{signed}.{Base64Url.EncodeToString(signature)}";

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _key.Dispose();
        _stranger.Dispose();
    }

    private static string Object(List<(string Name, string? Json)> members, (string Name, string? Json)[] changes)
    {
        foreach (var change in changes)
        {
            var at = members.FindIndex(m => m.Name == change.Name);
            if (at < 0) members.Add(change);
            else members[at] = change;
        }
        return $"{{{string.Join(',', members.Where(m => m.Json is not null).Select(m => $"\"{m.Name}\":{m.Json}"))}}}";
    }
}
