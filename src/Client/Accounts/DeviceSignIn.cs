using System.Runtime.Versioning;
using System.Text.Json;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;

namespace Throughline.Client.Accounts;

/// <summary>What a program shows its user while it waits: the page to open, and the code to enter there.</summary>
/// <param name="CompleteUri">The page with the code filled in.</param>
public sealed record DeviceCodes(string UserCode, Uri Uri, Uri CompleteUri, DateTimeOffset ExpiresAt)
{
    internal string DeviceCode { get; init; } = "";

    internal TimeSpan Interval { get; init; }
}

/// <summary>Sign-in for a program that has no page of its own (RFC 8628): its user approves it in any browser, where passkeys and second
/// factors work, and no password passes through the program.</summary>
[UnsupportedOSPlatform("browser")]
public sealed class DeviceSignIn : IDisposable
{
    private const string ClientId = "throughline-cli";
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5); // RFC 8628 §3.5
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="origin">The public origin or auth's own address.</param>
    /// <param name="userAgent">How the list of devices will name the program.</param>
    public DeviceSignIn(Uri origin, string userAgent, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _http = new HttpClient { BaseAddress = origin, Timeout = Patience };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
    }

    /// <summary>Asks for codes.</summary>
    /// <exception cref="ProtocolException"><c>slow_down</c>: too many ask from this address.</exception>
    public async Task<DeviceCodes> BeginAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("client_id", ClientId), new("scope", "openid offline_access api")]);
        using var response = await _http.PostAsync("/connect/device", form, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await ProblemReader.ReadAsync(response, _time, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var answer = await JsonSerializer.DeserializeAsync(body, OAuthJson.Default.OAuthDeviceCodes, cancellationToken)
            ?? throw new ProtocolException("internal", "The service gave no device code.");
        return new(answer.UserCode, answer.VerificationUri, answer.VerificationUriComplete ?? answer.VerificationUri, _time.GetUtcNow().AddSeconds(answer.ExpiresIn))
        {
            DeviceCode = answer.DeviceCode,
            Interval = TimeSpan.FromSeconds(answer.Interval),
        };
    }

    /// <summary>Waits until the user has decided. A service that cannot be reached meanwhile is asked again.</summary>
    /// <exception cref="ProtocolException"><c>access_denied</c>: the user said no; <c>expired_token</c>: nobody said anything in time.</exception>
    public async Task<TokenSet> WaitAsync(DeviceCodes codes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var interval = codes.Interval;
        while (_time.GetUtcNow() < codes.ExpiresAt)
        {
            await Task.Delay(interval, _time, cancellationToken);
            try
            {
                return await AskAsync(codes, cancellationToken);
            }
            catch (ProtocolException pending) when (pending.Code is "authorization_pending" or "slow_down")
            {
                if (pending.Code == "slow_down") interval += SlowDown;
            }
            catch (ProtocolException away) when (away.Status >= 500)
            {
                // The service restarts behind its proxy; the codes outlive that.
            }
            catch (Exception lost) when (lost is HttpRequestException || (lost is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                interval += SlowDown;
            }
        }
        throw new ProtocolException("expired_token", "Nobody approved it in time.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<TokenSet> AskAsync(DeviceCodes codes, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([
            new("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), new("client_id", ClientId), new("device_code", codes.DeviceCode)]);
        using var response = await _http.PostAsync("/connect/token", form, cancellationToken);
        return await TokenReader.ReadAsync(response, before: null, _time, cancellationToken);
    }
}
