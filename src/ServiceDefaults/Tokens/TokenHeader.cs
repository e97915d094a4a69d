using System.Text.Json;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The protected header: <c>{"alg":"ES256","kid":"…","typ":"at+jwt"}</c> and nothing beside. A member that names or carries a key
/// (<c>jwk jku x5c x5u</c>), <c>crit</c>, <c>zip</c>, or any other makes the token malformed: what we issue has none.
/// </summary>
internal static class TokenHeader
{
    private const int MaxKeyIdLength = 128;

    /// <summary>Reads the header: null and the key id, or why it is refused.</summary>
    public static string? Read(ReadOnlySpan<byte> json, out string keyId)
    {
        keyId = "";
        try
        {
            return ReadMembers(json, ref keyId);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a lone surrogate in a string
        {
            return Refusals.Malformed;
        }
    }

    private static string? ReadMembers(ReadOnlySpan<byte> json, ref string keyId)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 });
        string? alg = null, typ = null, kid = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Refusals.Malformed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (alg is null && reader.ValueTextEquals("alg"u8)) alg = ReadText(ref reader, "ES256"u8, "ES256");
            else if (typ is null && reader.ValueTextEquals("typ"u8)) typ = ReadText(ref reader, "at+jwt"u8, "at+jwt");
            else if (kid is null && reader.ValueTextEquals("kid"u8)) kid = ReadText(ref reader);
            else return Refusals.Malformed; // unknown, or there for the second time
        }
        // The reader itself refuses anything but white space after the object.
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) return Refusals.Malformed;
        if (alg is not "ES256") return Refusals.WrongAlgorithm;
        if (typ is not "at+jwt") return Refusals.WrongType;
        keyId = kid ?? "";
        return keyId.Length is 0 or > MaxKeyIdLength ? Refusals.UnknownKey : null;
    }

    /// <summary>The member's text, without making a string where it is the expected one; "" for any other kind of value.</summary>
    private static string ReadText(ref Utf8JsonReader reader, ReadOnlySpan<byte> expected = default, string known = "")
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return "";
        }
        return !expected.IsEmpty && reader.ValueTextEquals(expected) ? known : reader.GetString()!;
    }
}
