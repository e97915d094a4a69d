using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Throughline.Verify;

/// <summary>A language model's endpoint that always writes a poor draft: a figure that no tool has found. Stands in for a model that invents.</summary>
internal sealed class ScriptedModel : IDisposable
{
    /// <summary>What it invents.</summary>
    public const string Invented = "1,234.56";

    /// <summary>Whoever asks with this word waits for the answer until it is given up.</summary>
    public const string Thinking = "thinking-for-ever";

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _asked = new();

    private ScriptedModel(int port)
    {
        Endpoint = new Uri($"http://127.0.0.1:{port}/v1");
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
    }

    public Uri Endpoint { get; }

    /// <summary>The bodies of all requests so far.</summary>
    public IEnumerable<string> Asked => _asked;

    public static ScriptedModel Start()
    {
        for (var attempt = 0; ; attempt++)
        {
            var model = new ScriptedModel(Random.Shared.Next(20_000, 32_000));
            try
            {
                model._listener.Start();
                _ = model.ServeAsync(); // ends with the listener
                return model;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                model.Dispose(); // the port is taken
            }
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _closed.TrySetResult();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            await TryAnswerAsync(context);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Whoever asked has gone.
        }
    }

    private async Task TryAnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var body = await reader.ReadToEndAsync();
        _asked.Enqueue(body);
        if (body.Contains(Thinking, StringComparison.Ordinal)) await _closed.Task;
        var chunk = new JsonObject
        {
            ["id"] = "c-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "scripted",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["role"] = "assistant", ["content"] = $"**You spent ${Invented}.**" }, ["finish_reason"] = "stop" }),
        };
        context.Response.ContentType = "text/event-stream";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"data: {chunk.ToJsonString()}\n\ndata: [DONE]\n\n"));
        context.Response.Close();
    }
}
