namespace Throughline.Auth.Tests.Accounts;

public sealed class HashingPasswords
{
    private const string OnePass = "$argon2id$v=19$m=65536,t=1,p=1$";
    private const string ByDefault = "$argon2id$v=19$m=65536,t=3,p=1$";

    [Fact]
    public async Task Takes_three_passes_by_default_and_hashes_of_another_setting_follow_at_the_next_sign_in()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop, ("Accounts__HashPasses", "1"));
        var before = new AuthClient(process);
        var user = await before.SignUpAsync();
        var old = await HashAsync(process, user.UserId);
        Assert.StartsWith(OnePass, old, StringComparison.Ordinal);

        await process.StopAsync();
        process.Unset("Accounts__HashPasses");
        await process.StartAsync(stop);
        var after = new AuthClient(process);
        Assert.Equal("invalid_credentials", (await after.PostAsync("/auth/login", new { email = user.Email, password = "not-my-password" })).Code);
        Assert.Equal(old, await HashAsync(process, user.UserId)); // nobody has shown the password
        await after.LogInAsync(user.Email);
        var renewed = await HashAsync(process, user.UserId);
        Assert.StartsWith(ByDefault, renewed, StringComparison.Ordinal);
        await after.LogInAsync(user.Email);
        Assert.Equal(renewed, await HashAsync(process, user.UserId));
        Assert.StartsWith(ByDefault, await HashAsync(process, (await after.SignUpAsync()).UserId), StringComparison.Ordinal);
    }

    private static async Task<string> HashAsync(AuthProcess process, Guid userId) =>
        Assert.Single(await AuthDatabase.ReadAsync(process, "SELECT PasswordHash FROM AspNetUsers WHERE Id = $1", userId.ToString().ToUpperInvariant()));
}
