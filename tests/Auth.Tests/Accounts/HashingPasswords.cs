using Throughline.Auth.Accounts;

namespace Throughline.Auth.Tests.Accounts;

public sealed class HashingPasswords
{
    private const string LittleMemory = "$argon2id$v=19$m=12288,t=3,p=1$";
    private const string ByDefault = "$argon2id$v=19$m=65536,t=3,p=1$";

    [Fact]
    public async Task Takes_three_passes_over_64_MiB_by_default_and_hashes_of_another_setting_follow_at_the_next_sign_in()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop, ("Accounts__HashMemory", "12"), ("Accounts__HashPasses", "3"));
        var before = new AuthClient(process);
        var user = await before.SignUpAsync();
        var old = await HashAsync(process, user.UserId);
        Assert.StartsWith(LittleMemory, old, StringComparison.Ordinal);

        await process.StopAsync();
        process.Unset("Accounts__HashMemory");
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

    // Each pair of OWASP's cheat sheet, and one pass less.
    [Theory]
    [InlineData(46, 1, true)]
    [InlineData(45, 1, false)]
    [InlineData(19, 2, true)]
    [InlineData(18, 2, false)]
    [InlineData(12, 3, true)]
    [InlineData(11, 3, false)]
    [InlineData(9, 4, true)]
    [InlineData(8, 4, false)]
    [InlineData(7, 5, true)]
    public void Less_memory_asks_for_more_passes(int memory, int passes, bool isEnough) =>
        Assert.Equal(isEnough, new AccountOptionsValidator().Validate(null, new AccountOptions { HashMemory = memory, HashPasses = passes }).Succeeded);

    [Fact]
    public async Task Auth_does_not_start_with_less_and_says_how_much_is_needed()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        await process.StopAsync();
        process.Set("Accounts__HashPasses", "1");
        Assert.Equal(2, await process.StartInVainAsync(stop));
        Assert.Contains("Accounts:HashPasses is 1; passwords that are hashed in 7 MiB need 5 passes or more, or more memory (Accounts:HashMemory).", process.Output, StringComparison.Ordinal);
    }

    private static async Task<string> HashAsync(AuthProcess process, Guid userId) =>
        Assert.Single(await AuthDatabase.ReadAsync(process, "SELECT PasswordHash FROM AspNetUsers WHERE Id = $1", userId.ToString().ToUpperInvariant()));
}
