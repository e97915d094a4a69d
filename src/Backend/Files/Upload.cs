using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Throughline.Backend.Files;

/// <summary>Streams a multipart upload to disk, hashing as it comes: a file of 2 GiB takes no memory.</summary>
internal static class Upload
{
    public const long MaxBytes = 2L * 1024 * 1024 * 1024;

    private const int MaxBoundary = 200;

    /// <returns>The first file of the form; null where it has none.</returns>
    /// <exception cref="UploadTooLargeException">It is larger than <see cref="MaxBytes"/>.</exception>
    public static async Task<UploadedFile?> ReceiveAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary) return null;

        var reader = new MultipartReader(boundary, request.Body);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            if (section.AsFileSection() is { } file) return await SaveAsync(file, path, cancellationToken);
        return null;
    }

    private static async Task<UploadedFile> SaveAsync(FileMultipartSection section, string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        var buffer = new byte[128 * 1024];
        long total = 0;
        int read;
        while ((read = await section.FileStream!.ReadAsync(buffer, cancellationToken)) > 0)
        {
            total += read;
            if (total > MaxBytes) throw new UploadTooLargeException();
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return new UploadedFile(NameOf(section.FileName), total, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The name alone, as a browser on any system would show it.</summary>
    private static string NameOf(string sent)
    {
        var name = new string([.. sent[(sent.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))]).Trim();
        return name.Length == 0 ? "usage" : name.Length > 200 ? name[..200] : name;
    }
}

internal sealed record UploadedFile(string Name, long SizeBytes, string Sha256);

internal sealed class UploadTooLargeException() : Exception("The upload is too large.");
