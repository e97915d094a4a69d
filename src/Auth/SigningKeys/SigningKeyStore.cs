using System.Buffers.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using Throughline.Auth.Database;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>
/// Auth's ES256 keys as the database has them, in memory. Also auth's own source of verification keys: it verifies by the very key
/// set that it publishes.
/// </summary>
internal sealed partial class SigningKeyStore(
    IServiceScopeFactory scopes, SigningKeyVault vault, IOptions<TokenOptions> tokens, TimeProvider time,
    ILogger<SigningKeyStore> logger) : IVerificationKeySource, ISigningKeyIds, IDisposable
{
    private readonly RefreshAllowance _onDemand = new(time);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private ConfigurationReloadToken _changed = new();
    private LoadedKeys? _loaded;

    /// <summary>The key that signs new tokens.</summary>
    public ECDsaSecurityKey Signing => Loaded.Signing;

    /// <summary>All keys of the key set, the signing one first.</summary>
    public IReadOnlyList<ECDsaSecurityKey> All => Loaded.All;

    /// <summary>The JSON Web Key set, as it is served.</summary>
    public ReadOnlyMemory<byte> KeySetJson => Loaded.Json;

    public VerificationKeys Current => Loaded.Verification;

    /// <summary>Fires at the next change of the keys, once they are loaded.</summary>
    public IChangeToken Changed => Volatile.Read(ref _changed);

    IReadOnlyList<string> ISigningKeyIds.Current =>
        tokens.Value.Secret is null ? Volatile.Read(ref _loaded)?.Verification.Ids ?? [] : [TokenOptions.SharedKeyId];

    private LoadedKeys Loaded => Volatile.Read(ref _loaded) ?? throw new InvalidOperationException("The signing keys are not loaded yet.");

    /// <summary>Another node may have dropped every key and signed with a new one a moment ago.</summary>
    public async ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken)
    {
        if (!_onDemand.TryUse()) return Current;
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (Exception e) when (SigningKeyRotation.IsDatabaseAway(e))
        {
            // Readiness tells of the database; the keys that are loaded go on.
        }
        return Current;
    }

    /// <summary>Takes over what the database has; nothing happens where that is what is loaded.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // One at a time: what was read later must not be overwritten by what was read earlier.
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await ReplaceAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task ReplaceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var rows = await db.SigningKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancellationToken);
        var before = Volatile.Read(ref _loaded);
        var states = rows.ConvertAll(k => (k.Id, k.State));
        if (before is not null && states.SequenceEqual(before.States)) return;

        var keys = rows.OrderBy(k => k.State != SigningKeyState.Signing)
            .Select(row => before?.All.FirstOrDefault(k => k.KeyId == row.Id) ?? vault.Open(row)).ToList();
        if (keys.Count == 0 || !rows.Exists(k => k.State == SigningKeyState.Signing))
            throw new InvalidOperationException("The database holds no key that signs.");
        var json = Publish(keys);
        Volatile.Write(ref _loaded, new(keys[0], keys, states, json, VerificationKeys.Parse(json, before?.Verification ?? VerificationKeys.None)));
        Log.Loaded(logger, keys[0].KeyId, keys.Count);
        Interlocked.Exchange(ref _changed, new()).OnReload();
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

    private sealed record LoadedKeys(
        ECDsaSecurityKey Signing, IReadOnlyList<ECDsaSecurityKey> All, IReadOnlyList<(string, SigningKeyState)> States, byte[] Json,
        VerificationKeys Verification);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Signing with key {KeyId}; {Count} published")]
        public static partial void Loaded(ILogger logger, string keyId, int count);
    }
}
