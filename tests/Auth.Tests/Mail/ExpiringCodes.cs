using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;
using Throughline.Auth.Mail;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Mail;

/// <summary>The store itself, on a database file of its own, with a clock that can be moved.</summary>
public sealed class ExpiringCodes
{
    [Fact]
    public async Task A_code_works_for_ten_minutes_and_not_a_millisecond_longer()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        var time = new FakeTimeProvider();
        // Identity's part of the model depends on options, and the model is kept for all contexts of this process.
        await using var identity = new ServiceCollection().Configure<IdentityOptions>(AuthDb.ConfigureStores).BuildServiceProvider();
        var options = new DbContextOptionsBuilder<SqliteAuthDb>().UseApplicationServiceProvider(identity).UseFile(state.PathOf("auth.db")).Options;
        await using var db = new SqliteAuthDb((DbContextOptions<SqliteAuthDb>)options);
        await db.Database.EnsureCreatedAsync(stop);
        var user = new User { Id = Guid.CreateVersion7(), UserName = "maya@example.com", Email = "maya@example.com" };
        db.Users.Add(user);
        await db.SaveChangesAsync(stop);
        var codes = new OneTimeCodes(db, Options.Create(new AccountOptions()), time);

        var code = await codes.IssueAsync(user.Id, OneTimeCodes.ResetPassword, stop);
        Assert.DoesNotContain(await db.OneTimeCodes.AsNoTracking().ToListAsync(stop), row => row.Hash.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(code)));
        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(user.Id, await codes.FindAsync(code, OneTimeCodes.ResetPassword, stop));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await codes.FindAsync(code, OneTimeCodes.ResetPassword, stop));
        Assert.False(await codes.TryRedeemAsync(code, OneTimeCodes.ResetPassword, stop));
    }
}
