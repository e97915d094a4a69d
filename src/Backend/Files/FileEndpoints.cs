using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Throughline.Backend.Files.Contents;
using Throughline.Backend.Files.Contents.S3;
using Throughline.Backend.Gateway;
using Throughline.Backend.Limits;
using Throughline.Contracts.Files;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

internal static class FileEndpoints
{
    private const int MaxPage = 200;

    // What a form has around its file.
    private const long FormBytes = 64 * 1024;

    public static IServiceCollection AddFiles(this IServiceCollection services, bool hasObjectStorage)
    {
        services.AddOptions<UploadOptions>().BindConfiguration("Files").ValidateOnStart();
        services.AddSingleton<IValidateOptions<UploadOptions>, UploadOptionsValidator>();
        services.AddSingleton<FileFolder>();
        services.AddS3(hasObjectStorage);
        if (hasObjectStorage) services.AddSingleton<IFileContents, S3Contents>();
        else services.AddSingleton<IFileContents, FolderContents>();
        services.AddSingleton<FileMetrics>();
        services.AddSingleton<FileStore>();
        services.AddSingleton<UploadPlaces>();
        services.AddSingleton<FileImport>();
        services.AddSingleton<SampleFile>();
        services.AddHostedService<IncomingCleanup>();
        return services;
    }

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/files").RequireAuthorization().WithTags("Files");
        group.MapPost("", UploadAsync).DisableAntiforgery(); // bearer tokens only: there is no cookie to forge with
        group.MapPost("/sample", AddSampleAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id}", FindAsync);
        group.MapDelete("/{id}", DeleteAsync);
    }

    private static async Task<Results<Created<UsageFile>, ProblemHttpResult>> UploadAsync(
        HttpContext context, FileFolder folder, FileImport import, UploadPlaces places, UploadLimit limit, IOptions<UploadOptions> options,
        LiveAnswers answers, IRevocations revocations)
    {
        var maxBytes = options.Value.MaxBytes;
        // Said by the headers alone, so that a client that asks first (Expect: 100-continue) sends nothing for nothing.
        if (context.Request.ContentLength > maxBytes + FormBytes) return FileProblems.TooLarge(maxBytes);
        using var place = places.TryEnter(context.AccessToken().UserId, out var isOwnFault);
        if (place is null) return isOwnFault ? FileProblems.TooManyOfOwn(context.Response) : FileProblems.Busy(context.Response);

        var reserved = await limit.ReserveAsync(context, maxBytes, context.RequestAborted);
        if (!reserved.Verdict.IsAllowed) return RateLimitFields.Refuse(context, reserved.Verdict);
        RateLimitFields.Write(context, reserved.Verdict);
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = maxBytes + FormBytes;
        using var watch = answers.Watch(context, revocations);
        var path = folder.NewIncomingPath();
        try
        {
            var upload = await Upload.ReceiveAsync(context.Request, path, maxBytes, context.RequestAborted);
            return upload.File is { } file
                ? AnswerOf(await import.ImportAsync(context.AccessToken().UserId, file, path, context.RequestAborted))
                : FileProblems.Of(upload.Fault!.Value, maxBytes);
        }
        catch (ContentAwayException)
        {
            return FileProblems.StorageAway(context.Response);
        }
        catch (IOException e) when (DiskFull.IsMeant(e))
        {
            return FileProblems.DiskIsFull();
        }
        finally
        {
            await reserved.SettleAsync(new FileInfo(path) is { Exists: true } received ? received.Length : 0);
            File.Delete(path);
        }
    }

    /// <summary>Gives the caller usage data to ask about: one click from sign-up to a first answer.</summary>
    private static async Task<Results<Created<UsageFile>, ProblemHttpResult>> AddSampleAsync(
        HttpContext context, SampleFile sample, UploadPlaces places, CancellationToken cancellationToken)
    {
        var user = context.AccessToken().UserId;
        using var place = places.TryEnter(user, out var isOwnFault);
        if (place is null) return isOwnFault ? FileProblems.TooManyOfOwn(context.Response) : FileProblems.Busy(context.Response);
        try
        {
            return AnswerOf(await sample.AddAsync(user, cancellationToken));
        }
        catch (ContentAwayException)
        {
            return FileProblems.StorageAway(context.Response);
        }
    }

    private static Results<Created<UsageFile>, ProblemHttpResult> AnswerOf(FileImportOutcome outcome) => outcome switch
    {
        { File: { } file } => TypedResults.Created($"/api/files/{file.Id}", file),
        { Refusal: { } refused } => FileProblems.Refused(refused),
        _ => FileProblems.NotFound(), // its owner is no more
    };

    private static async Task<Results<Ok<Page<UsageFile>>, ProblemHttpResult>> ListAsync(
        HttpContext context, FileStore files, CancellationToken cancellationToken, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        var before = Guid.Empty;
        if (cursor is not null && !Guid.TryParse(cursor, out before)) return Problems.Invalid("cursor", "cursor is the last page's next.");
        var page = await files.PageAsync(context.AccessToken().UserId, cursor is null ? null : before, limit + 1, cancellationToken);
        return TypedResults.Ok(page.Count > limit ? new Page<UsageFile>(page[..limit], page[limit - 1].Id.ToString()) : new Page<UsageFile>(page));
    }

    private static async Task<Results<Ok<UsageFile>, ProblemHttpResult>> FindAsync(string id, HttpContext context, FileStore files, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var fileId) && await files.FindAsync(context.AccessToken().UserId, fileId, cancellationToken) is { } file
            ? TypedResults.Ok(file) : FileProblems.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string id, HttpContext context, FileStore files, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var fileId) && await files.DeleteAsync(context.AccessToken().UserId, fileId, cancellationToken)
            ? TypedResults.NoContent() : FileProblems.NotFound();
}
