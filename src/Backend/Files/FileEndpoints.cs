using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Analysis.Import;
using Throughline.Backend.Gateway;
using Throughline.Contracts.Files;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

internal static class FileEndpoints
{
    private const int MaxPage = 200;

    public static IServiceCollection AddFiles(this IServiceCollection services)
    {
        services.AddSingleton<FileStore>();
        services.AddSingleton<FileImport>();
        return services;
    }

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/files").RequireAuthorization().WithTags("Files");
        group.MapPost("", UploadAsync).DisableAntiforgery(); // bearer tokens only: there is no cookie to forge with
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", FindAsync);
        group.MapDelete("/{id:guid}", DeleteAsync);
    }

    private static async Task<IResult> UploadAsync(HttpContext context, FileStore files, FileImport import, LiveAnswers answers, IRevocations revocations)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = Upload.MaxBytes + (1024 * 1024);
        using var watch = answers.Watch(context, revocations);
        var path = files.TemporaryPath();
        try
        {
            if (await Upload.ReceiveAsync(context.Request, path, context.RequestAborted) is not { } upload) return FileProblems.NoFile();
            return await import.ImportAsync(context.AccessToken().UserId, upload, path, context.RequestAborted) switch
            {
                FileImportOutcome.Stored stored => TypedResults.Created($"/api/files/{stored.File.Id}", stored.File),
                FileImportOutcome.Refused refused => FileProblems.Refused(refused.Reason),
                var other => throw new InvalidOperationException($"{other} has no answer."),
            };
        }
        catch (UploadTooLargeException)
        {
            return FileProblems.TooLarge();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return FileProblems.TooLarge();
        }
        catch (InvalidDataException)
        {
            return FileProblems.NoFile(); // the form is cut or malformed
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<Results<Ok<Page<UsageFile>>, ProblemHttpResult>> ListAsync(
        HttpContext context, FileStore files, CancellationToken cancellationToken, int limit = 50, string? cursor = null)
    {
        if (limit is < 1 or > MaxPage) return Problems.Invalid("limit", $"limit is 1 to {MaxPage}.");
        if (cursor is not null && !Guid.TryParse(cursor, out _)) return Problems.Invalid("cursor", "cursor is the last page's next.");
        var page = await files.PageAsync(context.AccessToken().UserId, cursor ?? "g", limit + 1, cancellationToken);
        return TypedResults.Ok(page.Count > limit ? new Page<UsageFile>(page[..limit], page[limit - 1].Id.ToString()) : new Page<UsageFile>(page));
    }

    private static async Task<Results<Ok<UsageFile>, ProblemHttpResult>> FindAsync(Guid id, HttpContext context, FileStore files, CancellationToken cancellationToken) =>
        await files.FindAsync(context.AccessToken().UserId, id, cancellationToken) is { } file ? TypedResults.Ok(file) : FileProblems.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid id, HttpContext context, FileStore files, CancellationToken cancellationToken) =>
        await files.DeleteAsync(context.AccessToken().UserId, id, cancellationToken) ? TypedResults.NoContent() : FileProblems.NotFound();
}

internal static class FileProblems
{
    public static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such file.");

    public static ProblemHttpResult NoFile() => Problems.Invalid("file", "Send the file as multipart/form-data, in a field named file.");

    public static ProblemHttpResult TooLarge() =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, "file_too_large", "The file is larger than 2 GiB.", "Compress it with gzip, or split it by day.");

    public static ProblemHttpResult Refused(Refused refused) =>
        Problems.Of(StatusCodes.Status422UnprocessableEntity, refused.Code, refused.Title, refused.Detail);
}
