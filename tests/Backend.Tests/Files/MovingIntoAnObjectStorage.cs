using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Throughline.Backend.Files.Contents;
using Throughline.Testing.ObjectStorage;

namespace Throughline.Backend.Tests.Files;

/// <summary>Rows that lay in the state folder when their backend was given an object storage.</summary>
public sealed class MovingIntoAnObjectStorage
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_are_moved_and_can_be_read_before_and_after_and_by_those_who_read_meanwhile()
    {
        await using var kept = new Kept(isS3: true);
        var contents = new List<StoredContent>();
        foreach (var bytes in (int[])[1000, 11 << 20, 2000]) contents.Add(await kept.PutInFolderAsync(Guid.NewGuid(), bytes));
        using var before = await kept.Contents.OpenAsync(contents[0], Stop);

        await MoveAsync(kept);

        Assert.Equal(contents.Select(c => c.Key).Order(), kept.Storage.Keys);
        Assert.All(contents, content => Assert.False(File.Exists(kept.FolderPathOf(content))));
        Assert.Equal(contents[0].Sha256, await HashAsync(before));
        foreach (var content in contents)
        {
            using var rows = await kept.Contents.OpenAsync(content, Stop);
            Assert.Equal(content.Sha256, await HashAsync(rows));
        }
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_on_its_way_is_gone()
    {
        await using var kept = new Kept(isS3: true);
        var content = await kept.PutInFolderAsync(Guid.NewGuid(), 1000);
        // Its deletion has been at the storage already, where it was not yet.
        kept.Storage.Putting = _ =>
        {
            File.Delete(kept.FolderPathOf(content));
            return null;
        };

        await MoveAsync(kept);

        Assert.Empty(kept.Storage.Keys);
        await Assert.ThrowsAsync<FileNotFoundException>(() => kept.Contents.OpenAsync(content, Stop));
    }

    [Fact]
    public async Task What_the_storage_does_not_take_is_read_where_it_lies_and_moved_when_it_does()
    {
        var time = new FakeTimeProvider();
        await using var kept = new Kept(isS3: true, time);
        var content = await kept.PutInFolderAsync(Guid.NewGuid(), 1000);
        var puts = 0;
        kept.Storage.Putting = _ => Interlocked.Increment(ref puts) <= 2 ? HttpStatusCode.ServiceUnavailable : null; // a try is made twice
        using var move = await kept.BeginMoveAsync();
        using (var rows = await kept.Contents.OpenAsync(content, Stop)) Assert.Equal(content.Sha256, await HashAsync(rows));

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Within);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!move.ExecuteTask!.IsCompleted)
        {
            await look.WaitForNextTickAsync(limit.Token);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await move.ExecuteTask;
        Assert.Equal(3, puts);
        Assert.Equal([content.Key], kept.Storage.Keys);
        Assert.False(File.Exists(kept.FolderPathOf(content)));
    }

    [Fact]
    public async Task A_backend_that_starts_with_a_storage_moves_what_it_kept_without_one()
    {
        await using var services = new LaterStorage();
        await services.InitializeAsync();
        using var alice = await services.SignUpAsync("alice", Stop);
        var file = await alice.UploadAsync("usage.csv", Uploads.Trace(50), Stop);
        Assert.Single(services.StoredOf(alice));

        await Services.KillAsync(services.Backend, Stop);
        services.HasStorage = true;
        await services.StartBackendAsync(Stop);
        await services.UntilAsync(() => Task.FromResult(services.Storage.Keys.Count == 1 && services.StoredOf(alice).Length == 0), "the file is in the storage alone", Stop);
        using var again = await services.SignInAsync(alice.UserId, alice.Email, Stop);
        Assert.Equal("completed", await again.AskAsync("What did we spend?", file.Id));
    }

    private static async Task MoveAsync(Kept kept)
    {
        using var move = await kept.BeginMoveAsync();
        await move.ExecuteTask!.WaitAsync(Within, Stop);
    }

    private static async Task<string> HashAsync(LocalRows rows) => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(rows.Path, Stop)));

    private sealed class LaterStorage : Services
    {
        public S3Server Storage { get; } = new();

        public bool HasStorage { get; set; }

        protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
            HasStorage ? new(Storage.Settings) : base.BackendSettingsAsync(cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Storage.DisposeAsync();
        }
    }
}
