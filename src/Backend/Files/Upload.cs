using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Files;

/// <summary>Streams a multipart upload to disk, hashing as it comes: a file of 2 GiB takes no memory.</summary>
internal static class Upload
{
    private const int BufferBytes = 128 * 1024;
    private const int MaxBoundary = 200;
    private const int MaxName = 200;

    /// <param name="path">Where the file goes; it is new.</param>
    public static async Task<UploadOutcome> ReceiveAsync(HttpRequest request, string path, long maxBytes, CancellationToken cancellationToken)
    {
        if (BoundaryOf(request) is not { } boundary) return UploadFault.NotMultipart;
        UploadedFile? upload = null;
        try
        {
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is not { } file) continue;
                if (upload is not null) return UploadFault.SeveralFiles;
                if (await SaveAsync(file, path, maxBytes, cancellationToken) is not { } saved) return UploadFault.TooLarge;
                upload = saved;
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return UploadFault.TooLarge;
        }
        catch (Exception e) when (e is InvalidDataException or IOException && !DiskFull.IsMeant(e) && e is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            return UploadFault.Malformed; // the form ends before its last boundary, or its headers are not headers
        }

        return upload is null ? UploadFault.NoFile : new UploadOutcome(upload, null);
    }

    private static string? BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary ? null : boundary;
    }

    /// <returns>Null where there is more than <paramref name="maxBytes"/>.</returns>
    private static async Task<UploadedFile?> SaveAsync(FileMultipartSection section, string path, long maxBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        var buffer = new byte[BufferBytes];
        long total = 0;
        int read;
        while ((read = await section.FileStream!.ReadAsync(buffer, cancellationToken)) > 0)
        {
            total += read;
            if (total > maxBytes) return null;
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return new UploadedFile(NameOf(section.FileName), total, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The name alone, without folders and control characters, as a browser on any system would show it.</summary>
    private static string NameOf(string sent)
    {
        var name = new string([.. sent[(sent.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))]).Trim();
        return name.Length == 0 ? "usage" : name.Length > MaxName ? name[..MaxName] : name;
    }
}

/// <param name="Sha256">Lower-case hex.</param>
internal sealed record UploadedFile(string Name, long SizeBytes, string Sha256);

/// <summary>A file, or why there is none.</summary>
internal sealed record UploadOutcome(UploadedFile? File, UploadFault? Fault)
{
    public static implicit operator UploadOutcome(UploadFault fault) => new(null, fault);
}

internal enum UploadFault
{
    NotMultipart,
    NoFile,
    SeveralFiles,
    TooLarge,
    Malformed,
}
