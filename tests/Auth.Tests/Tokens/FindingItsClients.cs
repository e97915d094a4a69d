using System.Net;

namespace Throughline.Auth.Tests.TokenEndpoints;

/// <summary>The clients are auth's own, and a start puts right what somebody has changed of them in the database.</summary>
public sealed class FindingItsClients
{
    [Theory]
    [InlineData("DELETE FROM OpenIddictApplications WHERE ClientId = 'throughline-cli'")]
    [InlineData("UPDATE OpenIddictApplications SET RedirectUris = '[\"http://127.0.0.1/elsewhere\"]' WHERE ClientId = 'throughline-cli'")]
    [InlineData("UPDATE OpenIddictApplications SET Permissions = '[]' WHERE ClientId = 'throughline-cli'")]
    public async Task A_start_puts_right_what_was_changed(string change)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        var user = await new AuthClient(process).SignUpAsync();
        await process.StopAsync();
        await AuthDatabase.WriteAsync(process, change);

        await process.StartAsync(stop);

        var auth = new AuthClient(process);
        var tokens = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        Assert.Equal(HttpStatusCode.OK, (await auth.RefreshAsync(tokens.Refresh)).Status);
    }
}
