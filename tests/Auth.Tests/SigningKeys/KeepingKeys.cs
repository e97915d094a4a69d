using System.Net;
using System.Security.Cryptography;

namespace Throughline.Auth.Tests.SigningKeys;

public sealed class KeepingKeys
{
    [Fact]
    public async Task A_restart_changes_nothing_for_those_who_are_signed_in()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        var before = new AuthClient(process);
        var user = await before.SignUpAsync();
        var cookie = await before.LogInAsync(user.Email);
        var tokens = await before.TokensAsync(cookie);
        var keys = (await before.GetAsync("/.well-known/jwks")).Body;

        await process.StopAsync();
        await process.StartAsync(stop);

        var after = new AuthClient(process);
        Assert.Equal(keys, (await after.GetAsync("/.well-known/jwks")).Body);
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await after.RefreshAsync(tokens.Refresh)).Status);
        await after.TokensAsync(cookie);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(process.State, "keys", "auth.key")));
    }

    [Fact]
    public async Task A_master_key_that_is_not_the_databases_stops_the_start()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        await process.StopAsync();
        var path = Path.Combine(process.State, "keys", "auth.key");

        await File.WriteAllTextAsync(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), stop);
        Assert.Equal(3, await process.StartInVainAsync(stop));
        Assert.Contains(path, process.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(path, "no key", stop);
        Assert.Equal(2, await process.StartInVainAsync(stop));
    }
}
