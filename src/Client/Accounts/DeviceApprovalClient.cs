using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Client.Accounts;

/// <summary>The signed-in user's word on a device that asks to be signed in and has no keyboard for it (RFC 8628).</summary>
/// <remarks>Every call throws <see cref="Problems.ProtocolException"/> with <c>not_found</c> for a code that is mistyped, decided or over.</remarks>
/// <param name="http">Its base address is the public origin or auth's.</param>
public sealed class DeviceApprovalClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _signedIn = new(http, tokens, time ?? TimeProvider.System);

    /// <summary>Who asks. Show it before anybody approves.</summary>
    public Task<WaitingDevice> FindAsync(DeviceDecision device, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/device", device, WireJson.Default.DeviceDecision, WireJson.Default.WaitingDevice, cancellationToken);

    /// <summary>Signs the device in as the user who asks.</summary>
    public Task ApproveAsync(DeviceDecision device, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/device/approve", device, WireJson.Default.DeviceDecision, cancellationToken);

    public Task DenyAsync(DeviceDecision device, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/device/deny", device, WireJson.Default.DeviceDecision, cancellationToken);
}
