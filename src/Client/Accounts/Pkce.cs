using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Client.Accounts;

/// <summary>A proof key for one code exchange; RFC 7636, method S256.</summary>
/// <param name="Verifier">Kept by the client until it redeems the code.</param>
/// <param name="Challenge">Sent ahead with the authorization request.</param>
public sealed record Pkce(string Verifier, string Challenge)
{
    public static Pkce Create()
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return new(verifier, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }
}
