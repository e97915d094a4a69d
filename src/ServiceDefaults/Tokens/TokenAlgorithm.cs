namespace Throughline.ServiceDefaults;

/// <summary>How access tokens are signed. Which of the two it is says the configuration, never a token.</summary>
public sealed class TokenAlgorithm
{
    /// <summary>Auth's own keys, of which it publishes the public half.</summary>
    public static readonly TokenAlgorithm Es256 = new("ES256", signatureBytes: 64);

    /// <summary>The secret of <c>JWT_SECRET_KEY</c>, which auth and every verifier hold.</summary>
    public static readonly TokenAlgorithm Hs256 = new("HS256", signatureBytes: 32);

    private TokenAlgorithm(string name, int signatureBytes)
    {
        Name = name;
        SignatureBytes = signatureBytes;
        EncodedLength = System.Buffers.Text.Base64Url.GetEncodedLength(signatureBytes);
    }

    /// <summary>The header's <c>alg</c>.</summary>
    public string Name { get; }

    internal int SignatureBytes { get; }

    /// <summary>Of a signature in base64url, characters.</summary>
    internal int EncodedLength { get; }
}
