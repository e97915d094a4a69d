using System.Text.Json.Serialization;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Throughline.Auth.Devices;

/// <summary>A device's request to be signed in, as it stands.</summary>
/// <param name="Status"><see cref="Statuses.Inactive"/> until somebody decides, then valid or rejected; redeemed once tokens were given.</param>
/// <param name="SessionId">Begun by the approval.</param>
internal sealed record WaitingGrant(string Id, string Status, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, Guid? SessionId, WaitingFacts Facts);

/// <summary>What OpenIddict's table has no columns for.</summary>
/// <param name="SecretHash">SHA-256 of the device code's secret part, hexadecimal.</param>
internal sealed record WaitingFacts(string SecretHash, string ClientId, string Scope, string? Address, string? UserAgent);

[JsonSerializable(typeof(WaitingFacts))]
internal sealed partial class DeviceJson : JsonSerializerContext;
