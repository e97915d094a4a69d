using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Backend.Tests.Files;

/// <summary>A backend that takes 1 MiB, two uploads of a user, three of all, one import at a time.</summary>
public sealed class SmallServices : Services
{
    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) => new(new Dictionary<string, string>
    {
        ["Files__MaxBytes"] = "1048576",
        ["Files__UploadsAtOnce"] = "3",
        ["Files__UploadsAtOnceOfUser"] = "2",
        ["Files__ImportsAtOnce"] = "1",
    });
}

public sealed class RefusingAnUpload(SmallServices services) : IClassFixture<SmallServices>
{
    public static TheoryData<string, string, string> Unreadable => new()
    {
        { "empty.csv", "", "empty_file" },
        { "noise.bin", "random", "unsupported_format" },
        { "shopping.csv", "item,price\nmilk,1\nbread,2\n", "no_usable_columns" },
        { "cut.csv.gz", "cut gzip", "damaged_file" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_refused_in_words(string name, string what, string code)
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        var content = what switch
        {
            "random" => RandomNumberGenerator.GetBytes(10_000),
            "cut gzip" => Uploads.Gzip(Uploads.Trace(5_000))[..2_000],
            _ => Encoding.UTF8.GetBytes(what),
        };

        using var response = await alice.SendFileAsync(name, content, stop);

        Assert.Equal(code, await response.CodeOfAsync(HttpStatusCode.UnprocessableEntity, stop));
        Assert.Empty(services.StoredOf(alice));
        Assert.Empty(services.Incoming());
    }

    [Fact]
    public async Task A_form_without_exactly_one_file_is_refused()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);

        using var none = new MultipartFormDataContent { { new StringContent("x"), "comment" } };
        using var two = Uploads.Form("a.csv", Uploads.Trace(3));
        two.Add(new ByteArrayContent(Uploads.Trace(4)), "file", "b.csv");
        using var json = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var cut = new StringContent("--x\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\nTIMESTAMP", new MediaTypeHeaderValue("text/plain"));
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");

        Assert.Equal("invalid_field", await (await alice.Http.PostAsync("/api/files", none, stop)).CodeOfAsync(HttpStatusCode.BadRequest, stop));
        Assert.Equal("invalid_field", await (await alice.Http.PostAsync("/api/files", two, stop)).CodeOfAsync(HttpStatusCode.BadRequest, stop));
        Assert.Equal("unsupported_media_type", await (await alice.Http.PostAsync("/api/files", json, stop)).CodeOfAsync(HttpStatusCode.UnsupportedMediaType, stop));
        Assert.Equal("invalid_field", await (await alice.Http.PostAsync("/api/files", cut, stop)).CodeOfAsync(HttpStatusCode.BadRequest, stop));
        Assert.Empty(services.Incoming());
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_before_it_is_sent_or_while_it_comes()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);

        using var announced = new HttpRequestMessage(HttpMethod.Post, "/api/files") { Content = Uploads.Form("big.csv", new byte[4 << 20]) };
        announced.Headers.ExpectContinue = true;
        Assert.Equal("file_too_large", await (await alice.Http.SendAsync(announced, stop)).CodeOfAsync(HttpStatusCode.RequestEntityTooLarge, stop));

        // Just over: within what a form may add, so only counting tells.
        Assert.Equal("file_too_large", await (await alice.SendFileAsync("big.csv", new byte[(1 << 20) + 1], stop)).CodeOfAsync(HttpStatusCode.RequestEntityTooLarge, stop));
        Assert.Equal("unsupported_format", await (await alice.SendFileAsync("zeros.csv", new byte[1 << 20], stop)).CodeOfAsync(HttpStatusCode.UnprocessableEntity, stop));
        Assert.Empty(services.Incoming());
    }

    [Fact]
    public async Task Uploads_beyond_the_places_are_told_when_to_come_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var bob = await services.SignUpAsync("bob", stop);
        using var carol = await services.SignUpAsync("carol", stop);

        using var first = await HeldUpload.BeginAsync(services, alice, stop);
        using var second = await HeldUpload.BeginAsync(services, alice, stop);
        using var ofHerOwn = await alice.SendFileAsync("a.csv", Uploads.Trace(3), stop);
        Assert.Equal("rate_limited", await ofHerOwn.CodeOfAsync(HttpStatusCode.TooManyRequests, stop));
        Assert.NotNull(ofHerOwn.Headers.RetryAfter);

        using var third = await HeldUpload.BeginAsync(services, bob, stop);
        using var beyond = await carol.SendFileAsync("a.csv", Uploads.Trace(3), stop);
        Assert.Equal("unavailable", await beyond.CodeOfAsync(HttpStatusCode.ServiceUnavailable, stop));
        Assert.NotNull(beyond.Headers.RetryAfter);

        first.Abort();
        second.Abort();
        third.Abort();
        await services.UntilAsync(() => Task.FromResult(services.Incoming().Length == 0), "aborted uploads leave nothing", stop);
        await carol.UploadAsync("a.csv", Uploads.Trace(3), stop);
    }

    [Fact]
    public async Task What_a_killed_backend_left_of_an_upload_goes_when_it_starts_again()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var own = new Services();
        await own.InitializeAsync();
        using var alice = await own.SignUpAsync("alice", stop);
        using var upload = await HeldUpload.BeginAsync(own, alice, stop);

        await Services.KillAsync(own.Backend, stop);
        Assert.Single(own.Incoming());
        await own.StartBackendAsync(stop);
        Assert.Empty(own.Incoming());
    }

    [Fact]
    public async Task A_revoked_session_is_cut_in_the_middle_of_its_upload()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var upload = await HeldUpload.BeginAsync(services, alice, stop);

        using var logout = await alice.Auth.PostAsync("/auth/logout", null, stop);
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);

        // This client would wait until it has sent all; what the service lets go of shows that it was cut.
        await services.UntilAsync(() => Task.FromResult(services.Incoming().Length == 0), "the cut upload leaves nothing", stop);
    }
}

/// <summary>An upload that has begun and neither ends nor goes on.</summary>
internal sealed class HeldUpload : HttpContent
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abort = new();

    public Task<HttpResponseMessage> Response { get; private set; } = null!;

    public static async Task<HeldUpload> BeginAsync(Services services, Member member, CancellationToken cancellationToken)
    {
        var before = services.Incoming().Length;
        var upload = new HeldUpload();
        upload.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        upload.Response = member.Http.PostAsync("/api/files", upload, upload._abort.Token);
        await services.UntilAsync(() => Task.FromResult(services.Incoming().Length > before), "the upload has begun", cancellationToken);
        return upload;
    }

    public void Abort() => _abort.Cancel();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("--x\r\nContent-Disposition: form-data; name=file; filename=held.csv\r\n\r\nTIMESTAMP,ContextTokens,GeneratedTokens\n"u8.ToArray());
        await stream.FlushAsync();
        await _end.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        Abort();
        _end.TrySetCanceled();
        base.Dispose(disposing);
    }
}
