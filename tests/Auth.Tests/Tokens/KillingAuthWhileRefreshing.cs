using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Throughline.Testing;

namespace Throughline.Auth.Tests.TokenEndpoints;

/// <summary>The moment between redeeming a token and answering: whoever never got the answer asks again, and is still signed in.</summary>
public sealed class KillingAuthWhileRefreshing
{
    [Fact]
    public async Task Costs_nobody_the_sign_in()
    {
        var stop = TestContext.Current.CancellationToken;
        var rounds = SuiteSize.Of(4, 40);
        var random = new Random(SuiteSize.Seed);
        await using var process = await AuthProcess.StartAsync(stop, ("Tokens__RefreshRepeat", "00:01:00"));
        var auth = new AuthClient(process);
        var (_, tokens) = await auth.NewUserAsync();
        var (redeemed, answered) = (0, 0);
        var usual = TimeSpan.FromMilliseconds(100); // how long the first refresh of a process takes
        for (var round = 0; round < rounds; round++)
        {
            await using var watch = new AuthNode(process);
            Task<int> RedeemedAsync() => watch.ReadAsync(db => db.RefreshTokens.CountAsync(t => t.RedeemedAt != null, stop));
            await RedeemedAsync(); // the first query is slow
            var refreshing = auth.RefreshAsync(tokens.Refresh);
            var (began, moment) = (Stopwatch.GetTimestamp(), usual * (0.5 + (random.NextDouble() * 0.8)));
            // At any moment, or the very moment at which the token is redeemed, for the answer follows soon.
            if (round % 2 == 0)
                while (Stopwatch.GetElapsedTime(began) < moment) Thread.SpinWait(100);
            else
                while (!refreshing.IsCompleted && await RedeemedAsync() == round * 2) await Task.Yield();
            await process.KillAsync(stop);
            var first = await AnswerOrNothingAsync(refreshing);
            if (first is { Status: HttpStatusCode.OK }) answered++;

            await process.StartAsync(stop);
            if (await RedeemedAsync() > round * 2) redeemed++;
            auth = new AuthClient(process);
            began = Stopwatch.GetTimestamp();
            var successor = Tokens.Of(await auth.RefreshAsync(tokens.Refresh));
            usual = Stopwatch.GetElapsedTime(began);
            if (first is { Status: HttpStatusCode.OK }) Assert.Equal(Tokens.Of(first).Refresh, successor.Refresh);
            Assert.Equal(1, await watch.ReadAsync(db => db.RefreshTokens.CountAsync(t => t.RedeemedAt == null, stop)));
            tokens = Tokens.Of(await auth.RefreshAsync(successor.Refresh));
        }
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{rounds} kills: {answered} after the answer, {redeemed - answered} between redeeming and answering, {rounds - redeemed} before. Seed {SuiteSize.Seed}.");
    }

    private static async Task<Answer?> AnswerOrNothingAsync(Task<Answer> refreshing)
    {
        try
        {
            return await refreshing;
        }
        catch (HttpRequestException)
        {
            return null; // killed before it had answered, which is what this is about
        }
    }
}
