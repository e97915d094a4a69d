using System.Text.Json;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The claims set, each claim once and of its one JSON type: strings are strings, times are whole seconds, <c>aud</c> is one string
/// or an array of strings. Claims we do not know are ignored, but not twice the same.
/// </summary>
internal struct TokenClaims
{
    private const int MaxMembers = 64;
    private const long LastSecond = 253_402_300_799; // 9999-12-31T23:59:59Z

    public string? Issuer, Subject, SessionId, TokenId, ClientId, Scope, Role, Tier, Audience;
    public long? Expires, NotBefore, IssuedAt;

    /// <summary>Reads the claims; false where they are not a JSON object of that shape.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, string audience, out TokenClaims claims)
    {
        claims = default;
        try
        {
            return Read(json, audience, ref claims);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a lone surrogate in a string
        {
            return false;
        }
    }

    private static bool Read(ReadOnlySpan<byte> json, string audience, ref TokenClaims claims)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        HashSet<string>? others = null;
        for (var members = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; members++)
        {
            if (members == MaxMembers) return false;
            if (reader.ValueTextEquals("iss"u8)) { if (!Text(ref reader, ref claims.Issuer)) return false; }
            else if (reader.ValueTextEquals("sub"u8)) { if (!Text(ref reader, ref claims.Subject)) return false; }
            else if (reader.ValueTextEquals("sid"u8)) { if (!Text(ref reader, ref claims.SessionId)) return false; }
            else if (reader.ValueTextEquals("jti"u8)) { if (!Text(ref reader, ref claims.TokenId)) return false; }
            else if (reader.ValueTextEquals("client_id"u8)) { if (!Text(ref reader, ref claims.ClientId)) return false; }
            else if (reader.ValueTextEquals("scope"u8)) { if (!Text(ref reader, ref claims.Scope)) return false; }
            else if (reader.ValueTextEquals("role"u8)) { if (!Text(ref reader, ref claims.Role)) return false; }
            else if (reader.ValueTextEquals("tier"u8)) { if (!Text(ref reader, ref claims.Tier)) return false; }
            else if (reader.ValueTextEquals("aud"u8)) { if (!AudienceOf(ref reader, audience, ref claims.Audience)) return false; }
            else if (reader.ValueTextEquals("exp"u8)) { if (!Time(ref reader, ref claims.Expires)) return false; }
            else if (reader.ValueTextEquals("nbf"u8)) { if (!Time(ref reader, ref claims.NotBefore)) return false; }
            else if (reader.ValueTextEquals("iat"u8)) { if (!Time(ref reader, ref claims.IssuedAt)) return false; }
            else
            {
                if (!(others ??= new(StringComparer.Ordinal)).Add(reader.GetString()!)) return false;
                reader.Read();
                reader.Skip();
            }
        }
        return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
    }

    private static bool Text(ref Utf8JsonReader reader, ref string? claim)
    {
        if (claim is not null || !reader.Read() || reader.TokenType != JsonTokenType.String) return false;
        claim = reader.GetString()!;
        return true;
    }

    private static bool Time(ref Utf8JsonReader reader, ref long? claim)
    {
        if (claim is not null || !reader.Read() || reader.TokenType != JsonTokenType.Number) return false;
        if (!reader.TryGetInt64(out var seconds) || seconds is < 0 or > LastSecond) return false;
        claim = seconds;
        return true;
    }

    /// <summary>Ours where it is among the audiences, else "".</summary>
    private static bool AudienceOf(ref Utf8JsonReader reader, string audience, ref string? claim)
    {
        if (claim is not null || !reader.Read()) return false;
        claim = "";
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueTextEquals(audience)) claim = audience;
            return true;
        }
        if (reader.TokenType != JsonTokenType.StartArray) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            if (reader.ValueTextEquals(audience)) claim = audience;
        return reader.TokenType == JsonTokenType.EndArray;
    }
}
