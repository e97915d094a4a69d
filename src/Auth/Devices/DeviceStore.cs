using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore.Models;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Throughline.Auth.Devices;

/// <summary>
/// Devices that wait for somebody's word: rows of OpenIddict's token table, which prunes them. Each step is one atomic update of the
/// status, so of several that approve, deny or redeem at once one does.
/// </summary>
internal sealed class DeviceStore(
    AuthDb db, DatabaseWriter writer, SessionStore sessions, AuditLog audit, IOptions<DeviceOptions> options, TimeProvider time)
{
    /// <summary>Tells a device code from all else, for people and for secret scanners.</summary>
    public const string Prefix = "tld_";

    private const string Type = "device_request";
    private const string Method = "device";

    private DbSet<OpenIddictEntityFrameworkCoreToken> Rows => db.Set<OpenIddictEntityFrameworkCoreToken>();

    /// <summary>Notes a device's request.</summary>
    /// <returns>The device code, which only the device has, and the user code.</returns>
    public async Task<(string DeviceCode, string UserCode)> AddAsync(string clientId, string scope, Device device, CancellationToken cancellationToken)
    {
        var (secret, userCode, now) = (Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), UserCode.New(), time.GetUtcNow());
        var row = new OpenIddictEntityFrameworkCoreToken
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Type = Type,
            Status = Statuses.Inactive,
            ReferenceId = ReferenceOf(userCode),
            CreationDate = now.UtcDateTime,
            ExpirationDate = (now + options.Value.CodeLifetime).UtcDateTime,
            Payload = JsonSerializer.Serialize(
                new WaitingFacts(HashOf(secret), clientId, scope, device.Address, device.UserAgent), DeviceJson.Default.WaitingFacts),
        };
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        Rows.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return ($"{Prefix}{row.Id}.{secret}", userCode);
    }

    /// <summary>By what the device holds; null for a code that is not ours.</summary>
    public async Task<WaitingGrant?> FindAsync(string deviceCode, CancellationToken cancellationToken)
    {
        if (!deviceCode.StartsWith(Prefix, StringComparison.Ordinal) || deviceCode.IndexOf('.', StringComparison.Ordinal) is var dot && dot < 0) return null;
        var id = deviceCode[Prefix.Length..dot];
        var row = await Rows.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id && t.Type == Type, cancellationToken);
        return row is not null && Read(row) is var grant && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(grant.Facts.SecretHash), Encoding.ASCII.GetBytes(HashOf(deviceCode[(dot + 1)..])))
            ? grant
            : null;
    }

    /// <summary>By what its screen shows, while nobody has decided.</summary>
    public async Task<WaitingGrant?> FindWaitingAsync(string userCode, CancellationToken cancellationToken)
    {
        var (reference, now) = (ReferenceOf(userCode), time.GetUtcNow().UtcDateTime);
        var row = await Rows.AsNoTracking().SingleOrDefaultAsync(
            t => t.ReferenceId == reference && t.Type == Type && t.Status == Statuses.Inactive && t.ExpirationDate > now, cancellationToken);
        return row is null ? null : Read(row);
    }

    /// <summary>Begins a session of the user for the device, which is the one the list of devices will show.</summary>
    /// <returns>False where somebody else decided meanwhile.</returns>
    public async Task<bool> ApproveAsync(Guid userId, WaitingGrant grant, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var session = sessions.Add(userId, new(grant.Facts.Address, grant.Facts.UserAgent), Method);
        if (await SetAsync(grant.Id, Statuses.Inactive, Statuses.Valid, session.Id.ToString(), cancellationToken) == 0) return false;
        await audit.AddAsync(
            new(AuditEvents.DeviceApproved, AuditOutcome.Success, userId, session.Id, $"{grant.Facts.ClientId}, asked from {grant.Facts.Address}"), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    /// <returns>False where somebody else decided meanwhile.</returns>
    public async Task<bool> DenyAsync(Guid userId, WaitingGrant grant, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (await SetAsync(grant.Id, Statuses.Inactive, Statuses.Rejected, null, cancellationToken) == 0) return false;
        await audit.AddAsync(
            new(AuditEvents.DeviceApproved, AuditOutcome.Denied, userId, Detail: $"{grant.Facts.ClientId}, asked from {grant.Facts.Address}"), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    /// <returns>True for the one who turns the approval into tokens.</returns>
    public async Task<bool> TryRedeemAsync(string deviceCode, CancellationToken cancellationToken) =>
        await FindAsync(deviceCode, cancellationToken) is { SessionId: { } session } grant
        && await SetAsync(grant.Id, Statuses.Valid, Statuses.Redeemed, session.ToString(), cancellationToken) == 1;

    private Task<int> SetAsync(string id, string from, string to, string? sessionId, CancellationToken cancellationToken) =>
        Rows.Where(t => t.Id == id && t.Status == from)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.Status, to).SetProperty(t => t.Subject, sessionId), cancellationToken);

    private static WaitingGrant Read(OpenIddictEntityFrameworkCoreToken row) => new(
        row.Id!, row.Status!, new(row.CreationDate!.Value, TimeSpan.Zero), new(row.ExpirationDate!.Value, TimeSpan.Zero),
        Guid.TryParse(row.Subject, out var session) ? session : null,
        JsonSerializer.Deserialize(row.Payload!, DeviceJson.Default.WaitingFacts)!);

    private static string ReferenceOf(string userCode) => $"user code {userCode}";

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
