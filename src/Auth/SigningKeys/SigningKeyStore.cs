using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using Throughline.Auth.Database;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>
/// Auth's ES256 keys, loaded from the database at start; the first one is made there and then. Also auth's own source of
/// verification keys: it verifies by the very key set that it publishes.
/// </summary>
internal sealed partial class SigningKeyStore(
    IServiceScopeFactory scopes, MasterKey master, TimeProvider time, ILogger<SigningKeyStore> logger) : IVerificationKeySource, ISigningKeyIds
{
    private LoadedKeys? _loaded;

    /// <summary>The key that signs new tokens.</summary>
    public ECDsaSecurityKey Signing => Loaded.Signing;

    /// <summary>All keys of the key set, the signing one first.</summary>
    public IReadOnlyList<ECDsaSecurityKey> All => Loaded.All;

    /// <summary>The JSON Web Key set, as it is served.</summary>
    public ReadOnlyMemory<byte> KeySetJson => Loaded.Json;

    public VerificationKeys Current => Loaded.Verification;

    IReadOnlyList<string> ISigningKeyIds.Current => _loaded?.Verification.Ids ?? [];

    private LoadedKeys Loaded => Volatile.Read(ref _loaded) ?? throw new InvalidOperationException("The signing keys are not loaded yet.");

    public ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken) => new(Current);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        if (!rows.Exists(k => k.State == SigningKeyState.Signing))
            rows.Add(await AddFirstAsync(db, cancellationToken));

        var keys = rows.OrderBy(k => k.State != SigningKeyState.Signing).ThenByDescending(k => k.CreatedAt).Select(Open).ToList();
        var json = Publish(keys);
        Volatile.Write(ref _loaded, new(keys[0], keys, json, VerificationKeys.Parse(json)));
        Log.Loaded(logger, keys[0].KeyId, keys.Count);
    }

    private async Task<SigningKey> AddFirstAsync(AuthDb db, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, now) = (ThumbprintOf(key), time.GetUtcNow());
        var row = new SigningKey
        {
            Id = id,
            State = SigningKeyState.Signing,
            CreatedAt = now,
            StateSince = now,
            EncryptedPrivateKey = master.Encrypt(key.ExportPkcs8PrivateKey(), PurposeOf(id)),
        };
        db.SigningKeys.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        return row;
    }

    private ECDsaSecurityKey Open(SigningKey row)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(master.Decrypt(row.EncryptedPrivateKey, PurposeOf(row.Id)), out _);
        return new(key) { KeyId = row.Id };
    }

    /// <summary>RFC 7638, so that an id says which key it is and is never given twice.</summary>
    private static string ThumbprintOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(canonical)));
    }

    private static byte[] Publish(IEnumerable<ECDsaSecurityKey> keys) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        keys = keys.Select(k => (k.KeyId, k.ECDsa.ExportParameters(includePrivateParameters: false).Q)).Select(k => new
        {
            kty = "EC",
            use = "sig",
            alg = "ES256",
            crv = "P-256",
            kid = k.KeyId,
            x = Base64Url.EncodeToString(k.Q.X),
            y = Base64Url.EncodeToString(k.Q.Y),
        }),
    });

    private static string PurposeOf(string id) => $"signing key {id}";

    private sealed record LoadedKeys(ECDsaSecurityKey Signing, IReadOnlyList<ECDsaSecurityKey> All, byte[] Json, VerificationKeys Verification);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Signing with key {KeyId}; {Count} published")]
        public static partial void Loaded(ILogger logger, string keyId, int count);
    }
}
