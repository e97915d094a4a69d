using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using Polly;
using Throughline.Analysis.Import;
using Throughline.Backend.Breakers;

namespace Throughline.Backend.Files.Contents.S3;

/// <summary>The bucket, behind the breaker <c>object storage</c>: what goes wrong with it is one exception, in words.</summary>
internal sealed class S3Bucket(IOptions<S3Options> options, DependencyBreakers breakers) : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly S3Options _options = options.Value;
    private readonly ResiliencePipeline _breaker = breakers.ObjectStorage;
    private readonly Lazy<AmazonS3Client> _client = new(() => Connect(options.Value));

    public string Place => $"{_options.Endpoint}/{_options.Bucket}";

    /// <summary>Whether it is there and lets us in.</summary>
    public Task PingAsync(CancellationToken cancellationToken) => AskAsync(async stop =>
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(AnswerWithin);
        return await _client.Value.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = PrefixOf(""), MaxKeys = 1 }, limit.Token);
    }, cancellationToken);

    public async Task PutAsync(string key, string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length >= _options.PartBytes) await PutPartsAsync(key, path, cancellationToken);
        else await AskAsync(stop => _client.Value.PutObjectAsync(
            new PutObjectRequest { BucketName = _options.Bucket, Key = KeyOf(key), FilePath = path, ContentType = "application/vnd.apache.parquet", UseChunkEncoding = false }, stop), cancellationToken);
    }

    /// <summary>The object's bytes. The caller reads to the end and disposes it.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    public async Task<(Stream Content, long Bytes)> GetAsync(string key, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(stop => _client.Value.GetObjectAsync(new GetObjectRequest { BucketName = _options.Bucket, Key = KeyOf(key) }, stop), cancellationToken);
        return (answer.ResponseStream, answer.ContentLength);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        AskAsync(stop => _client.Value.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = KeyOf(key) }, stop), cancellationToken);

    /// <summary>Keys that begin so, and when each was kept.</summary>
    public async IAsyncEnumerable<(string Key, DateTimeOffset KeptAt)> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = PrefixOf(prefix), ContinuationToken = next };
            var page = await AskAsync(stop => _client.Value.ListObjectsV2Async(request, stop), cancellationToken);
            foreach (var found in page.S3Objects ?? [])
                yield return (found.Key[_options.Prefix.Length..], found.LastModified is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.MaxValue);
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
    }

    private string KeyOf(string key) => _options.Prefix + key;

    /// <summary>Absent rather than empty, over which some storages and the signature's rules disagree.</summary>
    private string? PrefixOf(string prefix) => KeyOf(prefix) is { Length: > 0 } begin ? begin : null;

    private async Task PutPartsAsync(string key, string path, CancellationToken cancellationToken)
    {
        var (bucket, length) = (_options.Bucket, new FileInfo(path).Length);
        var upload = await AskAsync(stop => _client.Value.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket, Key = KeyOf(key) }, stop), cancellationToken);
        try
        {
            var parts = new List<PartETag>();
            for (var from = 0L; from < length; from += _options.PartBytes)
            {
                var request = new UploadPartRequest
                {
                    BucketName = bucket,
                    Key = KeyOf(key),
                    UploadId = upload.UploadId,
                    PartNumber = parts.Count + 1,
                    FilePath = path,
                    FilePosition = from,
                    PartSize = Math.Min(_options.PartBytes, length - from),
                    UseChunkEncoding = false,
                };
                var part = await AskAsync(stop => _client.Value.UploadPartAsync(request, stop), cancellationToken);
                parts.Add(new PartETag(request.PartNumber ?? parts.Count + 1, part.ETag));
            }

            await AskAsync(stop => _client.Value.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket, Key = KeyOf(key), UploadId = upload.UploadId, PartETags = parts }, stop), cancellationToken);
        }
        catch
        {
            // Parts that nobody completes cost money and are in no list. Where this fails too, a rule of the bucket has to end them.
            await Task.WhenAny(_client.Value.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = KeyOf(key), UploadId = upload.UploadId }, CancellationToken.None));
            throw;
        }
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _breaker.ExecuteAsync(async stop => await TryAsync(ask, stop), cancellationToken);
        }
        catch (Polly.CircuitBreaker.BrokenCircuitException e)
        {
            throw new ContentAwayException($"The object storage {Place} does not answer.", e);
        }
    }

    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken);
        }
        catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" })
        {
            throw MissingRows.Because(e);
        }
        catch (AmazonServiceException e)
        {
            throw new ContentAwayException($"The object storage {Place} answers {(int)e.StatusCode} {e.ErrorCode}.", e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or TimeoutException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ContentAwayException($"The object storage {Place} does not answer: {e.Message}", e);
        }
    }

    private static AmazonS3Client Connect(S3Options options) => new(new BasicAWSCredentials(options.AccessKey, options.SecretKey), new AmazonS3Config
    {
        ServiceURL = options.Endpoint,
        AuthenticationRegion = options.Region,
        ForcePathStyle = true, // what every compatible storage understands
        MaxErrorRetry = 1, // then the breaker
        ConnectTimeout = TimeSpan.FromSeconds(3),
        Timeout = TimeSpan.FromMinutes(10),
        // Checksums of AWS's own that others do not know; what comes back is checked by the hash that we keep.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });
}
