using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Throughline.Testing.ObjectStorage;

/// <summary>An S3-compatible storage with one bucket, in memory, over real HTTP: it refuses what is not signed as S3 wants it.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "usage";
    public const string AccessKey = "test-access";
    public const string SecretKey = "test-secret-of-the-storage";

    private const int PageLength = 2; // so that whoever lists has to turn pages

    private readonly ConcurrentDictionary<string, (byte[] Bytes, DateTimeOffset At)> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SortedDictionary<int, byte[]>> _uploads = new();
    private readonly int _port = Machine.FreePort();
    private HttpListener _listener = new();
    private TaskCompletionSource _isStopped = new();
    private Task _serving = Task.CompletedTask;

    public S3Server() => Start();

    public string Endpoint => $"http://127.0.0.1:{_port}";

    public IReadOnlyList<string> Keys => [.. _objects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Uploads in parts that were neither completed nor aborted.</summary>
    public int OpenUploads => _uploads.Count;

    /// <summary>Called with the key of what is put, before it is there; what it returns is answered instead of keeping it.</summary>
    public Func<string, HttpStatusCode?> Putting { get; set; } = _ => null;

    /// <summary>What a backend needs in its environment to keep files here.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Files__S3__Endpoint"] = Endpoint,
        ["Files__S3__Bucket"] = Bucket,
        ["Files__S3__AccessKey"] = AccessKey,
        ["Files__S3__SecretKey"] = SecretKey,
    };

    /// <summary>Puts bytes under a key behind everybody's back.</summary>
    public void Put(string key, byte[] bytes, DateTimeOffset? at = null) => _objects[key] = (bytes, at ?? TimeProvider.System.GetUtcNow());

    public byte[] Get(string key) => _objects[key].Bytes;

    /// <summary>Answers from now on; what was kept is there.</summary>
    public void Start()
    {
        _listener = new HttpListener { Prefixes = { $"{Endpoint}/" } };
        _listener.Start();
        _isStopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _serving = ServeAsync(_listener, _isStopped.Task);
    }

    /// <summary>Refuses connections from now on.</summary>
    /// <remarks>The listener's own end is not enough: a wait that begins while it closes may never end.</remarks>
    public async Task StopAsync()
    {
        _isStopped.TrySetResult();
        _listener.Close();
        await _serving;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task ServeAsync(HttpListener listener, Task stopped)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                var next = listener.GetContextAsync();
                if (await Task.WhenAny(next, stopped) != next) return;
                context = await next;
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            try
            {
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                await AnswerAsync(context, body.ToArray());
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                // Its peer is gone, or this is being stopped.
            }
        }
    }

    private Task AnswerAsync(HttpListenerContext context, byte[] body)
    {
        var request = context.Request;
        if (S3Signature.FaultOf(request, body, AccessKey, SecretKey) is { } fault) return RefuseAsync(context, HttpStatusCode.Forbidden, fault);
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath).TrimStart('/').Split('/', 2);
        if (path[0] != Bucket) return RefuseAsync(context, HttpStatusCode.NotFound, "NoSuchBucket");
        var (key, query) = (path.Length > 1 ? path[1] : "", request.QueryString);
        return (request.HttpMethod, key.Length > 0) switch
        {
            ("GET", false) => ListAsync(context, query["prefix"] ?? "", query["continuation-token"]),
            ("GET", true) => GetAsync(context, key),
            ("PUT", true) when query["uploadId"] is { } id => PutPartAsync(context, id, int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture), body),
            ("PUT", true) => PutAsync(context, key, body),
            ("POST", true) when query["uploadId"] is { } id => CompleteAsync(context, key, id, body),
            ("POST", true) => BeginAsync(context, key),
            ("DELETE", true) => DeleteAsync(context, key, query["uploadId"]),
            _ => RefuseAsync(context, HttpStatusCode.NotImplemented, "NotImplemented"),
        };
    }

    private Task ListAsync(HttpListenerContext context, string prefix, string? after)
    {
        var found = _objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0).OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
        var page = found.Take(PageLength).ToList();
        return XmlAsync(context, HttpStatusCode.OK, new XElement("ListBucketResult", new XElement("Name", Bucket), new XElement("Prefix", prefix), new XElement("KeyCount", page.Count),
            new XElement("IsTruncated", found.Count > page.Count), found.Count > page.Count ? new XElement("NextContinuationToken", page[^1].Key) : null,
            page.Select(o => new XElement("Contents", new XElement("Key", o.Key), new XElement("LastModified", o.Value.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
                new XElement("ETag", ETagOf(o.Value.Bytes)), new XElement("Size", o.Value.Bytes.Length)))));
    }

    private async Task GetAsync(HttpListenerContext context, string key)
    {
        if (!_objects.TryGetValue(key, out var kept))
        {
            await RefuseAsync(context, HttpStatusCode.NotFound, "NoSuchKey");
            return;
        }

        context.Response.Headers["ETag"] = ETagOf(kept.Bytes);
        context.Response.ContentLength64 = kept.Bytes.Length;
        await context.Response.OutputStream.WriteAsync(kept.Bytes);
    }

    private Task PutAsync(HttpListenerContext context, string key, byte[] body)
    {
        if (Putting(key) is { } refusal) return RefuseAsync(context, refusal, "Refused");
        Put(key, body);
        context.Response.Headers["ETag"] = ETagOf(body);
        return Task.CompletedTask;
    }

    private Task BeginAsync(HttpListenerContext context, string key)
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = [];
        return XmlAsync(context, HttpStatusCode.OK, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("UploadId", id)));
    }

    private Task PutPartAsync(HttpListenerContext context, string id, int number, byte[] body)
    {
        _uploads[id][number] = body;
        context.Response.Headers["ETag"] = ETagOf(body);
        return Task.CompletedTask;
    }

    private Task CompleteAsync(HttpListenerContext context, string key, string id, byte[] body)
    {
        var named = XDocument.Parse(Encoding.UTF8.GetString(body)).Descendants().Where(e => e.Name.LocalName == "ETag").Select(e => e.Value);
        if (!_uploads.TryRemove(id, out var parts) || !named.SequenceEqual(parts.Values.Select(ETagOf))) return RefuseAsync(context, HttpStatusCode.BadRequest, "InvalidPart");
        Put(key, [.. parts.Values.SelectMany(part => part)]);
        return XmlAsync(context, HttpStatusCode.OK, new XElement("CompleteMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", key), new XElement("ETag", "\"whole\"")));
    }

    private Task DeleteAsync(HttpListenerContext context, string key, string? upload)
    {
        if (upload is null) _objects.TryRemove(key, out _);
        else _uploads.TryRemove(upload, out _);
        context.Response.StatusCode = (int)HttpStatusCode.NoContent;
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpListenerContext context, HttpStatusCode status, string code) =>
        XmlAsync(context, status, new XElement("Error", new XElement("Code", code), new XElement("Message", code)));

    private static async Task XmlAsync(HttpListenerContext context, HttpStatusCode status, XElement answer)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/xml";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{answer}"));
    }

#pragma warning disable CA5351 // S3's ETag is MD5; nobody relies on it for more.
    private static string ETagOf(byte[] bytes) => $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";
#pragma warning restore CA5351
}
