namespace Throughline.Verify.Checks.Tokens;

/// <summary>Shows that a credential is refused as the protocol says, while a good one is accepted in the same second.</summary>
internal static class Refusals
{
    /// <param name="wrong">The credential; null for none.</param>
    /// <param name="closeCode">4001 or 4002.</param>
    public static async Task ShowAsync(
        SystemUnderTest system, Probe probe, string? wrong, int closeCode, Func<CancellationToken, Task<string>> good, string what, CancellationToken cancellationToken)
    {
        var token = await good(cancellationToken);
        var began = system.Time.GetTimestamp();
        var control = ControlAsync(system, probe, token, cancellationToken);
        await using var socket = await ProbeSocket.OpenAsync(
            system.Socket, wrong is null ? Carrier.None : Carrier.Header, wrong, system.Time, cancellationToken, what);
        probe.That(socket.HttpStatus is null, $"the upgrade was answered with HTTP {socket.HttpStatus} instead of an accepted socket that closes with {closeCode}");
        var code = await socket.RefusedAsync(cancellationToken);
        var elapsed = system.Time.GetElapsedTime(began);
        probe.Equal("the close code", closeCode, code);
        if (wrong is not null && wrong.All(c => c is > ' ' and < (char)127))
            (await system.Web.SendAsync(HttpMethod.Get, new Uri(system.Backend, "/api/threads"), wrong.Length > 0 ? wrong : null, null, cancellationToken, sent: what)).Expect(401);
        await control;
        probe.Measure(elapsed.TotalMilliseconds, probe.Assertion.LimitMs ?? 1000, "ms");
    }

    /// <summary>A good token connects and is taken over HTTP, too.</summary>
    private static async Task ControlAsync(SystemUnderTest system, Probe probe, string token, CancellationToken cancellationToken)
    {
        await using var socket = await ProbeSocket.OpenAsync(system.Socket, Carrier.Header, token, system.Time, cancellationToken, "a good token");
        await socket.HelloAsync(cancellationToken);
        probe.Add(socket.Describe() with { IsControl = true });
        var answer = await system.Web.SendAsync(HttpMethod.Get, new Uri(system.Backend, "/api/threads"), token, null, cancellationToken, sent: "a good token");
        answer.Expect(200);
    }
}
