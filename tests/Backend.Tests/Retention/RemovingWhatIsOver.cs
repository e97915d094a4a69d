using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Backend.Tests.Files;
using Throughline.Testing.Telemetry;

namespace Throughline.Backend.Tests.Retention;

public sealed class RemovingWhatIsOverOnSqlite(RetentionOnSqlite services) : RemovingWhatIsOver(services), IClassFixture<RetentionOnSqlite>;

public sealed class RemovingWhatIsOverOnPostgres(RetentionOnPostgres services) : RemovingWhatIsOver(services), IClassFixture<RetentionOnPostgres>;

/// <summary>What is older than it may be goes, in small steps, and is told; what is younger, at work or followed stays.</summary>
public abstract class RemovingWhatIsOver(RetentionServices services)
{
    private const string TwoDaysAgo = "- 172800000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_over_goes_in_batches_and_nothing_else_does()
    {
        using var user = await services.SignUpAsync("keeper", Stop);
        var before = await MetricsAsync();
        string[] threads = ["old-1", "old-2", "old-3", "followed", "young"];
        foreach (var thread in threads) await AskAsync(user, thread);
        var files = new List<Guid>();
        for (var i = 0; i < 4; i++) files.Add((await user.UploadAsync($"usage-{i}.csv", Uploads.Trace(10 + i), Stop)).Id);
        LeaveOver(user, "old", TimeSpan.FromHours(2));
        LeaveOver(user, "young", TimeSpan.Zero);
        LeaveOver(Guid.NewGuid(), "somebody-elses", TimeSpan.FromHours(2));

        await using (var socket = await RawSocket.OpenAsync(services, user, Stop))
        {
            await socket.FollowAsync("followed", Stop);
            await socket.AnswerToAsync("follow-followed", Stop);
            // First what nobody waits for: a round of the service may begin between any two of these.
            await services.ExecuteAsync($"UPDATE run_requests SET accepted_at = accepted_at {TwoDaysAgo} WHERE user_id='{user.UserId}' AND thread_id <> 'young'", Stop);
            await services.ExecuteAsync($"UPDATE threads SET updated_at = updated_at {TwoDaysAgo} WHERE user_id='{user.UserId}' AND thread_id <> 'young'", Stop);
            await services.ExecuteAsync($"UPDATE files SET created_at = created_at {TwoDaysAgo} WHERE user_id='{user.UserId}' AND file_id <> '{files[3]}'", Stop);
            var after = await UntilAsync(m => Moved(before, m, "threads") >= 3 && Moved(before, m, "files") >= 3 && Moved(before, m, "contents") >= 1);

            Assert.Equal(["followed", "young"], await IdsAsync(user, "/api/threads"));
            Assert.Equal([$"{files[3]}"], await IdsAsync(user, "/api/files"));
            Assert.Equal(["young"], Names(user).Where(name => name is "old" or "young"));
            Assert.Equal(3, Names(user).Length + Directory.GetFiles(services.State.PathOf("files"), "somebody-elses.parquet", SearchOption.AllDirectories).Length);
            Assert.Equal((3, 3, 1), (Moved(before, after, "threads"), Moved(before, after, "files"), Moved(before, after, "contents")));
            Assert.Equal(2, after["backend_retention_batches_total", ("what", "threads")] - before["backend_retention_batches_total", ("what", "threads")]);
            Assert.Equal(1, await services.ExecuteAsync($"SELECT count(*) FROM run_requests WHERE user_id='{user.UserId}'", Stop));
            Assert.Equal(2, await services.ExecuteAsync($"SELECT count(DISTINCT thread_no) FROM ({services.AllEvents}) AS e WHERE thread_no IN (SELECT thread_no FROM runs WHERE user_id='{user.UserId}')", Stop));
            Assert.Contains(services.Backend.Program.Output, line => line.Contains("threads whose time was over", StringComparison.Ordinal));
        }

        // Let go, it is as idle as the others.
        await UntilAsync(m => Moved(before, m, "threads") == 4);
        Assert.Equal(["young"], await IdsAsync(user, "/api/threads"));
    }

    private static async Task AskAsync(Member user, string thread)
    {
        using var answer = await user.Http.PostAsJsonAsync("/api/agui", RawSocket.Input("What can you do?", thread, thread), Stop);
        Assert.Contains("RUN_FINISHED", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private void LeaveOver(Member owner, string name, TimeSpan age) => LeaveOver(owner.UserId, name, age);

    private void LeaveOver(Guid owner, string name, TimeSpan age)
    {
        var path = services.State.PathOf("files", owner.ToString(), $"{name}.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [1]);
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime - age);
    }

    private string[] Names(Member owner) => [.. services.StoredOf(owner).Select(path => Path.GetFileNameWithoutExtension(path)!)];

    private static async Task<IEnumerable<string?>> IdsAsync(Member user, string path) =>
        (await user.Http.GetFromJsonAsync<JsonElement>(path, Stop)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).Order(StringComparer.Ordinal);

    private Task<Metrics> MetricsAsync() => Metrics.ReadAsync(services.Backend.Record.MetricsUrl!, Stop);

    private async Task<Metrics> UntilAsync(Func<Metrics, bool> isSo)
    {
        var metrics = await MetricsAsync();
        await services.UntilAsync(async () => isSo(metrics = await MetricsAsync()), "what is over is gone", Stop);
        return metrics;
    }

    private static double Moved(Metrics before, Metrics after, string what) =>
        after["backend_retention_removed_total", ("what", what)] - before["backend_retention_removed_total", ("what", what)];
}
