using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Throughline.Analysis.Import;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

internal static class FileProblems
{
    private const string HowToSend = "Send one file as multipart/form-data, in a field named file.";

    public static ProblemHttpResult NotFound() => Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is no such file.");

    public static ProblemHttpResult Of(UploadFault fault, long maxBytes) => fault switch
    {
        UploadFault.NotMultipart => Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "This is not a form with a file.", HowToSend),
        UploadFault.NoFile => Problems.Invalid("file", "The form holds no file. " + HowToSend),
        UploadFault.SeveralFiles => Problems.Invalid("file", "The form holds more than one file. " + HowToSend),
        UploadFault.Malformed => Problems.Invalid("file", "The form is cut off or damaged. Upload the file again."),
        UploadFault.TooLarge => TooLarge(maxBytes),
    };

    public static ProblemHttpResult TooLarge(long maxBytes) => Problems.Of(
        StatusCodes.Status413PayloadTooLarge, "file_too_large", string.Create(CultureInfo.InvariantCulture, $"The file is larger than {Words(maxBytes)}."),
        "Compress it with gzip, or split it by day.");

    /// <summary>The importer's words; a file that is too large when inflated is too large all the same.</summary>
    public static ProblemHttpResult Refused(Refused refused) => Problems.Of(
        refused.Code == "file_too_large" ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity,
        refused.Code, refused.Title, refused.Detail);

    public static ProblemHttpResult DiskIsFull() => Problems.Of(
        StatusCodes.Status507InsufficientStorage, "storage_full", "The disk of this service is full.", "Tell whoever runs it, or delete files that you no longer need.");

    public static ProblemHttpResult StorageAway(HttpResponse response)
    {
        response.Headers.RetryAfter = "10";
        return Problems.Of(
            StatusCodes.Status503ServiceUnavailable, "unavailable", "Files cannot be kept just now: the object storage does not answer.", "Nothing of this file was kept. Upload it again in a little while.");
    }

    public static ProblemHttpResult Busy(HttpResponse response)
    {
        response.Headers.RetryAfter = "10";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "Too many files are being imported right now.", "Try again in 10 seconds.");
    }

    public static ProblemHttpResult TooManyOfOwn(HttpResponse response)
    {
        response.Headers.RetryAfter = "10";
        return Problems.Of(StatusCodes.Status429TooManyRequests, "rate_limited", "You are uploading several files already.", "Wait until one of them is done.");
    }

    private static string Words(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.##} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024d:0.##} KiB");
}
