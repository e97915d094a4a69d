using System.Text.Json;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The protected header: <c>{"alg":"ES256","kid":"…","typ":"at+jwt"}</c> and nothing beside; with a shared secret
/// <c>{"alg":"HS256","typ":"at+jwt"}</c>. A member that names or carries a key (<c>jwk jku x5c x5u</c>), <c>crit</c>, <c>zip</c>, or any
/// other makes the token malformed: what we issue has none.
/// </summary>
internal static class TokenHeader
{
    private const int MaxKeyIdLength = 128;
    private const string Type = "at+jwt";

    /// <summary>Reads the header: null and the key id, or why it is refused.</summary>
    /// <param name="algorithm">The one that it must name.</param>
    public static string? Read(ReadOnlySpan<byte> json, TokenAlgorithm algorithm, out string keyId)
    {
        keyId = "";
        try
        {
            return ReadMembers(json, algorithm, ref keyId);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a lone surrogate in a string
        {
            return Refusals.Malformed;
        }
    }

    private static string? ReadMembers(ReadOnlySpan<byte> json, TokenAlgorithm algorithm, ref string keyId)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 });
        string? alg = null, typ = null, kid = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Refusals.Malformed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (alg is null && reader.ValueTextEquals("alg"u8)) alg = ReadText(ref reader, algorithm.Name);
            else if (typ is null && reader.ValueTextEquals("typ"u8)) typ = ReadText(ref reader, Type);
            else if (kid is null && reader.ValueTextEquals("kid"u8)) kid = ReadText(ref reader);
            else return Refusals.Malformed; // unknown, or there for the second time
        }
        // The reader itself refuses anything but white space after the object.
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) return Refusals.Malformed;
        if (alg != algorithm.Name) return Refusals.WrongAlgorithm;
        if (typ != Type) return Refusals.WrongType;
        keyId = kid ?? "";
        // Published keys are named; the shared secret is the only key there is and has no name.
        var isNamed = kid is { Length: > 0 and <= MaxKeyIdLength };
        return (algorithm == TokenAlgorithm.Es256 ? isNamed : kid is null) ? null : Refusals.UnknownKey;
    }

    /// <summary>The member's text, without making a string where it is the expected one; "" for any other kind of value.</summary>
    private static string ReadText(ref Utf8JsonReader reader, string? expected = null)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return "";
        }
        return expected is not null && reader.ValueTextEquals(expected) ? expected : reader.GetString()!;
    }
}
