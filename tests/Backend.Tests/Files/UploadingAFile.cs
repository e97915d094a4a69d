using System.Net;
using System.Security.Cryptography;
using Throughline.Contracts;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Tests.Files;

public sealed class UploadingAFile(Services services) : UploadingTo(services), IClassFixture<Services>;

public sealed class UploadingAFileWithPostgres(PostgresServices services) : UploadingTo(services), IClassFixture<PostgresServices>;

public abstract class UploadingTo(Services services)
{
    [Fact]
    public async Task It_is_imported_kept_listed_and_deleted_with_its_content()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var content = Uploads.Trace(12);

        using var response = await alice.SendFileAsync("C:\\data\\november.csv", content, stop);
        var file = await response.ReadAsync(WireJson.Default.UsageFile, stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/api/files/{file.Id}", response.Headers.Location!.ToString());
        Assert.Equal(
            ("november.csv", content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), "azure-llm-trace", 12L, 0L),
            (file.Name, (int)file.SizeBytes, file.Sha256, file.Format, file.Rows, file.Refused.Count));

        Assert.Equivalent(file, await (await alice.Http.GetAsync($"/api/files/{file.Id}", stop)).ReadAsync(WireJson.Default.UsageFile, stop));
        Assert.Equal([file.Id], (await ListAsync(alice, "", stop)).Items.Select(f => f.Id));
        Assert.Matches("^[0-9a-f]{64}-[0-9a-f]{32}\\.parquet$", Path.GetFileName(Assert.Single(services.StoredOf(alice))));

        Assert.Equal(HttpStatusCode.NoContent, (await alice.Http.DeleteAsync($"/api/files/{file.Id}", stop)).StatusCode);
        Assert.Equal("not_found", await (await alice.Http.DeleteAsync($"/api/files/{file.Id}", stop)).CodeOfAsync(HttpStatusCode.NotFound, stop));
        Assert.Empty((await ListAsync(alice, "", stop)).Items);
        Assert.Empty(services.StoredOf(alice));
        Assert.Empty(services.Incoming());
    }

    [Fact]
    public async Task Gzip_is_read_as_what_it_holds()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var plain = await alice.UploadAsync("trace.csv", Uploads.Trace(500), stop);
        var packed = await alice.UploadAsync("trace.csv.gz", Uploads.Gzip(Uploads.Trace(500)), stop);
        Assert.Equal((plain.Format, plain.Rows), (packed.Format, packed.Rows));
    }

    [Fact]
    public async Task The_same_bytes_are_one_file_under_one_name_and_one_content_under_several()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var first = await alice.UploadAsync("a.csv", Uploads.Trace(20), stop);
        var again = await alice.UploadAsync("a.csv", Uploads.Trace(20), stop);
        var other = await alice.UploadAsync("b.csv", Uploads.Trace(20), stop);

        Assert.Equal(first.Id, again.Id);
        Assert.NotEqual(first.Id, other.Id);
        Assert.Equal(("b.csv", 20L), (other.Name, other.Rows));
        Assert.Single(services.StoredOf(alice));

        await alice.Http.DeleteAsync($"/api/files/{first.Id}", stop);
        Assert.Single(services.StoredOf(alice));
        await alice.Http.DeleteAsync($"/api/files/{other.Id}", stop);
        Assert.Empty(services.StoredOf(alice));
    }

    [Fact]
    public async Task The_same_upload_many_times_at_once_is_one_file()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var uploads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => alice.UploadAsync("a.csv", Uploads.Trace(300), stop)));
        Assert.Single(uploads.Select(file => file.Id).Distinct());
        Assert.Single((await ListAsync(alice, "", stop)).Items);
        Assert.Single(services.StoredOf(alice));
    }

    [Fact]
    public async Task Two_owners_of_the_same_bytes_share_nothing()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var bob = await services.SignUpAsync("bob", stop);
        var hers = await alice.UploadAsync("a.csv", Uploads.Trace(30), stop);
        var his = await bob.UploadAsync("a.csv", Uploads.Trace(30), stop);
        Assert.NotEqual(hers.Id, his.Id);

        await alice.Http.DeleteAsync($"/api/files/{hers.Id}", stop);
        Assert.Single(services.StoredOf(bob));
    }

    [Fact]
    public async Task Pages_follow_one_another_newest_first()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var ids = new List<Guid>();
        for (var i = 1; i <= 5; i++) ids.Insert(0, (await alice.UploadAsync($"{i}.csv", Uploads.Trace(3, seed: i), stop)).Id);

        var read = new List<Guid>();
        string? next = null;
        do
        {
            var page = await ListAsync(alice, $"?limit=2{(next is null ? "" : $"&cursor={next}")}", stop);
            read.AddRange(page.Items.Select(f => f.Id));
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(ids, read);
        Assert.Equal("invalid_field", await (await alice.Http.GetAsync("/api/files?limit=0", stop)).CodeOfAsync(HttpStatusCode.BadRequest, stop));
        Assert.Equal("invalid_field", await (await alice.Http.GetAsync("/api/files?cursor=x", stop)).CodeOfAsync(HttpStatusCode.BadRequest, stop));
    }

    [Fact]
    public async Task Anothers_file_is_answered_like_one_that_does_not_exist()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var mallory = await services.SignUpAsync("mallory", stop);
        var hers = (await alice.UploadAsync("a.csv", Uploads.Trace(5), stop)).Id;

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            var foreign = await mallory.Http.SendAsync(new HttpRequestMessage(method, $"/api/files/{hers}"), stop);
            var absent = await mallory.Http.SendAsync(new HttpRequestMessage(method, $"/api/files/{Guid.CreateVersion7()}"), stop);
            var malformed = await mallory.Http.SendAsync(new HttpRequestMessage(method, "/api/files/x"), stop);
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
            Assert.Equal(await absent.FingerprintAsync(stop), await foreign.FingerprintAsync(stop));
            Assert.Equal(await malformed.FingerprintAsync(stop), await absent.FingerprintAsync(stop));
        }

        Assert.Empty((await ListAsync(mallory, "", stop)).Items);
        Assert.Empty((await ListAsync(mallory, $"?cursor={hers}", stop)).Items);
        Assert.Single((await ListAsync(alice, "", stop)).Items);
    }

    private static async Task<Contracts.Threads.Page<UsageFile>> ListAsync(Member member, string query, CancellationToken cancellationToken) =>
        await (await member.Http.GetAsync($"/api/files{query}", cancellationToken)).ReadAsync(WireJson.Default.PageUsageFile, cancellationToken);
}
