using Microsoft.AspNetCore.Components;
using Throughline.Contracts.Accounts;
using Throughline.Web.Shell;

namespace Throughline.Web.Devices;

/// <summary>A device without a keyboard asks to be signed in (RFC 8628): who asks is shown first, and a click of the user decides.</summary>
public sealed partial class ApproveDevicePage
{
    private FormState _form = default!;
    private string _code = "";
    private WaitingDevice? _device;
    private Outcome? _outcome;

    /// <summary>The code, where the device's link carries it.</summary>
    [SupplyParameterFromQuery(Name = "user_code")] public string? UserCode { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _form = new FormState(Browser, Time, "userCode");
        _code = UserCode ?? FromFragment() ?? "";
        if (_code.Length > 0)
            await FindAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_outcome is not null)
            Browser.FocusOn("#outcome");
    }

    private string? FromFragment() =>
        Navigation.Uri.Split('#', 2) is [_, { Length: > 0 } fragment] ? Uri.UnescapeDataString(fragment.Split('=')[^1]) : null;

    private async Task FindAsync() => await _form.SendAsync(
        () =>
        {
            if (_code.Trim().Length == 0)
                _form.Wrong("userCode", "Enter the code that the device shows.");
        },
        async () => _device = await Devices.FindAsync(new DeviceDecision(_code.Trim()), CancellationToken.None),
        Explain);

    private async Task DecideAsync(Outcome outcome)
    {
        var decision = new DeviceDecision(_device!.UserCode);
        if (await _form.SendAsync(() => { }, () => outcome == Outcome.Approved ? Devices.ApproveAsync(decision, CancellationToken.None) : Devices.DenyAsync(decision, CancellationToken.None), Explain))
            _outcome = outcome;
    }

    private bool Explain(Failure failure)
    {
        if (failure.Code is not ("not_found" or "invalid_field"))
            return false;
        _device = null;
        _form.Wrong("userCode", "No device waits with this code. It may be mistyped, decided already, or too old: start again on the device.");
        return true;
    }

    private void StartOver()
    {
        (_device, _code) = (null, "");
        _form.Clear();
    }

    private string Line(WaitingDevice device)
    {
        var program = Device.NameOf(device.UserAgent);
        var where = $"{Place.Of(device.Address)} · asked {Words.Ago(device.RequestedAt, Time.GetUtcNow())}";
        return device.UserAgent is null || program == ClientName(device.Client) ? where : $"{program} · {where}";
    }

    private static string ClientName(string client) => client == "throughline-cli" ? "Throughline CLI" : client;

    private enum Outcome
    {
        Approved,
        Denied,
    }
}
