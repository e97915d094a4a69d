using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Testing;
using Throughline.Testing.ObjectStorage;

namespace Throughline.Backend.Tests.Files;

/// <summary>A backend whose imported rows lie behind S3's interface.</summary>
public sealed class KeepingFilesInAnObjectStorage(ObjectStorageServices services) : IClassFixture<ObjectStorageServices>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_kept_there_and_nowhere_else_are_read_through_a_checked_copy_and_go_with_their_last_file()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var first = await alice.UploadAsync("one.csv", Uploads.Trace(50), Stop);
        var second = await alice.UploadAsync("two.csv", Uploads.Trace(50), Stop);

        var key = Assert.Single(KeysOf(alice));
        Assert.Empty(services.StoredOf(alice));
        Assert.Equal("completed", await alice.AskAsync("What did we spend?", first.Id));
        Assert.Single(FetchedOf(alice));

        Assert.Equal(HttpStatusCode.NoContent, (await alice.Http.DeleteAsync($"/api/files/{first.Id}", Stop)).StatusCode);
        Assert.Equal(key, Assert.Single(KeysOf(alice)));
        Assert.Equal(HttpStatusCode.NoContent, (await alice.Http.DeleteAsync($"/api/files/{second.Id}", Stop)).StatusCode);
        Assert.Empty(KeysOf(alice));
        Assert.Empty(FetchedOf(alice));
    }

    [Fact]
    public async Task An_erased_users_objects_go_also_those_that_no_row_knows_of_and_nobody_elses()
    {
        using var bob = await services.SignUpAsync("bob", Stop);
        using var carol = await services.SignUpAsync("carol", Stop);
        await bob.UploadAsync("usage.csv", Uploads.Trace(50), Stop);
        await carol.UploadAsync("usage.csv", Uploads.Trace(50), Stop);
        for (var i = 0; i < 3; i++) services.Storage.Put($"{bob.UserId}/left-over-{i}.parquet", [1]);

        Assert.Equal(HttpStatusCode.NoContent, (await bob.Auth.DeleteAsync("/auth/me", Stop)).StatusCode);
        await services.UntilAsync(() => Task.FromResult(KeysOf(bob).Count == 0), "the objects are gone", Stop);
        Assert.Single(KeysOf(carol));
    }

    [Fact]
    public async Task Bytes_that_are_not_those_that_were_kept_are_not_analysed()
    {
        using var dave = await services.SignUpAsync("dave", Stop);
        using var eve = await services.SignUpAsync("eve", Stop);
        var file = await dave.UploadAsync("usage.csv", Uploads.Trace(50), Stop);
        await eve.UploadAsync("usage.csv", Uploads.Trace(50, seed: 3), Stop);
        // Another file's rows: whole, readable, and not his.
        services.Storage.Put(KeysOf(dave)[0], services.Storage.Get(KeysOf(eve)[0]));

        Assert.Equal("failed", await dave.AskAsync("What did we spend?", file.Id));
        Assert.Empty(FetchedOf(dave));
    }

    [Fact]
    public async Task Without_the_storage_uploads_and_questions_about_files_are_refused_in_words_and_the_rest_works()
    {
        using var frank = await services.SignUpAsync("frank", Stop);
        var file = await frank.UploadAsync("usage.csv", Uploads.Trace(50), Stop);
        await services.Storage.StopAsync();
        try
        {
            using var refused = await frank.SendFileAsync("more.csv", Uploads.Trace(60), Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("unavailable", (await refused.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("code").GetString());
            Assert.Equal("failed", await frank.AskAsync("What did we spend?", file.Id));
            Assert.Equal("completed", await frank.AskAsync("What can you do?"));
            // Each look at the readiness tries it.
            await services.UntilAsync(async () => (await services.ReadinessAsync(Stop)).Checks!["object storage"].Status == "degraded" && await BreakerAsync(frank) == "open", "the breaker is open", Stop);
        }
        finally
        {
            services.Storage.Start();
        }

        await services.UntilAsync(async () => await BreakerAsync(frank) == "closed", "the breaker is closed", Stop);
        Assert.Equal("completed", await frank.AskAsync("What did we spend?", file.Id));
        Assert.Single(KeysOf(frank));
    }

    [Theory]
    [InlineData("Files__S3__Bucket", "another", "Files:S3:Bucket")]
    [InlineData("Files__S3__Bucket", "", "Files:S3:Bucket")]
    [InlineData("Files__S3__SecretKey", "wrong", "Files:S3:SecretKey")]
    [InlineData("Files__S3__Endpoint", "http://storage.example.com", "Files:S3:Endpoint")]
    public async Task A_setting_that_is_of_no_use_stops_the_start_and_is_named(string key, string value, string named)
    {
        using var state = new TestState().WithSecrets();
        await using var storage = new S3Server();
        await using var backend = ServiceProcess.Begin("backend", state, new Dictionary<string, string>(storage.Settings) { [key] = value });
        Assert.Equal(2, await backend.WaitForExitAsync(Stop));
        var said = Assert.Single(backend.Errors, line => line.StartsWith("backend: ", StringComparison.Ordinal));
        Assert.Contains(named, said, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.SecretKey, backend.Transcript, StringComparison.Ordinal);
    }

    private IReadOnlyList<string> KeysOf(Member member) => [.. services.Storage.Keys.Where(key => key.StartsWith($"{member.UserId}/", StringComparison.Ordinal))];

    private string[] FetchedOf(Member member)
    {
        var folder = services.State.PathOf("files", "fetched", "node-1", member.UserId.ToString());
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }

    private static async Task<string?> BreakerAsync(Member member) =>
        (await member.Http.GetFromJsonAsync<JsonElement>("/api/breakers", Stop)).GetProperty("items").EnumerateArray()
            .Single(breaker => breaker.GetProperty("dependency").GetString() == "object storage").GetProperty("state").GetString();
}
