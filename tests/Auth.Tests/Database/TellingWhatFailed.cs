using System.Net;

namespace Throughline.Auth.Tests.Database;

/// <summary>What fails on our side is told to the caller by a trace id alone, and the log has the reason under that id; what is only away is told as that.</summary>
public sealed class TellingWhatFailed
{
    [Fact]
    public async Task The_log_has_the_reason_under_the_trace_id_that_the_caller_was_told()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        await AuthDatabase.WriteAsync(process, "ALTER TABLE AspNetUsers RENAME TO Elsewhere");

        var answer = await new AuthClient(process).PostAsync("/auth/signup", new { email = AuthClient.NewEmail(), password = AuthClient.Password });

        Assert.Equal((HttpStatusCode.InternalServerError, "internal"), (answer.Status, answer.Code));
        Assert.DoesNotContain("AspNetUsers", answer.Body, StringComparison.Ordinal);
        var trace = answer.Json.GetProperty("traceId").GetString()!;
        await process.WaitForOutputAsync($"trace {trace}", stop);
        var line = process.Output.Split('\n').Single(l => l.Contains(trace, StringComparison.Ordinal));
        Assert.Contains(" fail: ", line, StringComparison.Ordinal);
        Assert.Contains("no such table: AspNetUsers", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_another_program_holds_is_no_failure_of_ours_and_the_caller_is_told_to_come_again()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        var client = new AuthClient(process);
        Answer answer;
        await using (await AuthDatabase.HoldAsync(process)) answer = await client.PostAsync("/auth/signup", new { email = AuthClient.NewEmail(), password = AuthClient.Password });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (answer.Status, answer.Code));
        Assert.Equal(["2"], answer.Headers["Retry-After"]);
        await process.WaitForOutputAsync("database is locked", stop);
        await client.SignUpAsync();
    }
}
