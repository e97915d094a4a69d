using System.Security.Cryptography;
using Throughline.Backend.Files.Contents;

namespace Throughline.Backend.Tests.Files;

/// <summary>Both ways to keep rows, as far as they must not differ.</summary>
public sealed class KeepingContents
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_put_is_opened_listed_deleted_and_erased(bool isS3)
    {
        await using var kept = new Kept(isS3);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        var contents = new List<StoredContent>();
        foreach (var owner in (Guid[])[one, one, one, other]) contents.Add(await kept.PutAsync(owner, 1000));

        using (var rows = await kept.Contents.OpenAsync(contents[0], Stop)) Assert.Equal(contents[0].Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(rows.Path, Stop))));
        Assert.Equal(contents.Select(c => c.Key).Order(), await kept.KeysAsync(Stop));

        await kept.Contents.DeleteAsync(contents[0], Stop);
        await kept.Contents.DeleteAsync(contents[0], Stop);
        await Assert.ThrowsAsync<FileNotFoundException>(() => kept.Contents.OpenAsync(contents[0], Stop));
        await kept.Contents.EraseAsync(one, Stop);
        await kept.Contents.EraseAsync(one, Stop);
        Assert.Equal([contents[3].Key], await kept.KeysAsync(Stop));
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_comes_back_whole()
    {
        await using var kept = new Kept(isS3: true);
        var content = await kept.PutAsync(Guid.NewGuid(), 11 << 20);
        Assert.Equal(0, kept.Storage.OpenUploads);
        using var rows = await kept.Contents.OpenAsync(content, Stop);
        Assert.Equal(11 << 20, new FileInfo(rows.Path).Length);
    }

    [Fact]
    public async Task Copies_take_no_more_room_than_they_may_and_none_goes_that_somebody_reads()
    {
        await using var kept = new Kept(isS3: true);
        var contents = new List<StoredContent>();
        for (var i = 0; i < 4; i++) contents.Add(await kept.PutAsync(Guid.NewGuid(), 30 << 20)); // two of them fit

        var read = await kept.Contents.OpenAsync(contents[0], Stop);
        foreach (var content in contents.Skip(1)) (await kept.Contents.OpenAsync(content, Stop)).Dispose();
        Assert.True(File.Exists(read.Path));
        Assert.Equal(2, kept.Copies);
        read.Dispose();

        // Those that ask for the same at once share one copy.
        var both = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => kept.Contents.OpenAsync(contents[1], Stop)));
        Assert.Single(both.Select(rows => rows.Path).Distinct());
        Assert.Equal(2, kept.Copies);
        await kept.Contents.DeleteAsync(contents[1], Stop);
        Assert.True(File.Exists(both[0].Path));
        foreach (var rows in both) rows.Dispose();
        Assert.False(File.Exists(both[0].Path));
    }
}
