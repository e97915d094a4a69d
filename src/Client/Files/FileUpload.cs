using System.Net;
using System.Net.Http.Headers;
using Throughline.Client.Api;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Files;

namespace Throughline.Client.Files;

/// <summary><c>POST /api/files</c>: one multipart part named <c>file</c>, streamed.</summary>
internal static class FileUpload
{
    public static async Task<UsageFile> SendAsync(
        ApiRequests api, IAccessTokenSource tokens, string name, Stream content, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // A token that runs out in the middle is no trouble (the service does not cut an upload for it); one that is
        // refused at the start is repeated by ApiRequests, for which the stream has to go back to where it stood.
        await tokens.GetAsync(cancellationToken);
        var start = content.CanSeek ? content.Position : 0;
        var sent = false;
        return await api.ReadAsync(HttpMethod.Post, "/api/files", Body, WireJson.Default.UsageFile, cancellationToken, AskFirst);

        HttpContent Body()
        {
            if (sent && !content.CanSeek)
                throw new ProtocolException("unauthorized", "The sign-in ended while the file was being sent; send it again.") { Status = 401 };
            if (sent)
                content.Position = start;
            sent = true;
            return new MultipartFormDataContent
            {
                { new ProgressContent(content, progress) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } }, "file", name },
            };
        }
    }

    // Let the service refuse by the headers before megabytes are sent for nothing.
    private static void AskFirst(HttpRequestMessage request)
    {
        if (!OperatingSystem.IsBrowser())
            request.Headers.ExpectContinue = true;
    }

    private sealed class ProgressContent(Stream source, IProgress<long>? progress) : HttpContent
    {
        private readonly long? _length = source.CanSeek ? source.Length - source.Position : null;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var block = new byte[128 * 1024];
            long total = 0;
            int read;
            while ((read = await source.ReadAsync(block, cancellationToken)) > 0)
            {
                await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
                total += read;
                progress?.Report(total);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length ?? 0;
            return _length is not null;
        }
    }
}
