using System.Net;

namespace Throughline.Auth.Tests.Database;

/// <summary>What fails on our side is told to the caller by a trace id alone, and the log has the reason under that id.</summary>
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
}
