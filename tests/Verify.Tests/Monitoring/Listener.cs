using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Proof;

namespace Throughline.Verify.Tests.Monitoring;

/// <summary>Takes what a webhook posts, and answers with the status that it is told to.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly HttpListener _http = new();
    private readonly TaskCompletionSource _isOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private readonly List<ProofChange> _taken = [];

    public Listener()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        _http.Prefixes.Add(Address.AbsoluteUri);
        _http.Start();
        _loop = TakeAsync();
    }

    public Uri Address { get; }

    /// <summary>Answers to come, the first first; after them 204.</summary>
    public Queue<int> Answers { get; } = new();

    public string? RedirectTo { get; set; }

    public int Asked { get; private set; }

    public IReadOnlyList<ProofChange> Taken => _taken;

    /// <remarks>First the loop, then the listener: a wait that begins while it closes may never end.</remarks>
    public async ValueTask DisposeAsync()
    {
        _isOver.SetResult();
        await _loop.WaitAsync(TimeSpan.FromSeconds(10));
        _http.Close();
    }

    private async Task TakeAsync()
    {
        while (_http.GetContextAsync() is var next && await Task.WhenAny(next, _isOver.Task) == next)
        {
            var context = await next;
            Asked++;
            // As a small receiver that takes no chunks: 411 Length Required.
            var status = context.Request.ContentLength64 < 0 ? 411 : Answers.TryDequeue(out var told) ? told : 204;
            var change = await JsonSerializer.DeserializeAsync(context.Request.InputStream, WireJson.Default.ProofChange);
            if (status < 300) _taken.Add(change!);
            if (RedirectTo is not null) context.Response.RedirectLocation = RedirectTo;
            context.Response.StatusCode = status;
            context.Response.Close();
        }
    }
}
