using System.Net;
using Xunit;

namespace Throughline.Testing.Telemetry;

/// <summary>Takes what services export by OTLP over HTTP, and keeps the spans.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly HttpListener _listener = new();
    private readonly Lock _gate = new();
    private readonly List<CollectedSpan> _spans = [];
    private readonly Task _taking;
    private TaskCompletionSource _next = Fresh();

    public OtlpCollector()
    {
        Address = $"http://127.0.0.1:{Machine.FreePort()}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _taking = TakeAsync();
    }

    public string Address { get; }

    /// <summary>What a service needs in its environment to send its spans here, soon.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    public IReadOnlyList<CollectedSpan> Trace(string traceId)
    {
        lock (_gate) return [.. _spans.Where(span => span.TraceId == traceId)];
    }

    /// <summary>The first span of the trace that is wanted, once it has come.</summary>
    public async Task<CollectedSpan> UntilAsync(string traceId, string what, Func<CollectedSpan, bool> isWanted, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within);
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Trace(traceId).FirstOrDefault(isWanted) is { } span) return span;
            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"No {what} within {Within.TotalSeconds} s in trace {traceId}:\n{string.Join('\n', Trace(traceId).Select(s => $"{s.Service} {s.Name}"))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _taking;
    }

    private async Task TakeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await TakeAsync(context);
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            if (context.Request.Url!.AbsolutePath == "/v1/traces")
                lock (_gate) _spans.AddRange(CollectedSpan.ReadAll(body.ToArray()));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // Its sender was killed.
        }

        Interlocked.Exchange(ref _next, Fresh()).SetResult();
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
