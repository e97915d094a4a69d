using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Throughline.Backend.Tests.Runs;

/// <summary>A language model behind real HTTP that answers nobody until the test says so: a run that asks it stays under way.</summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly Channel<ModelCall> _calls = Channel.CreateUnbounded<ModelCall>();
    private readonly WebApplication _server;

    private ScriptedModel(WebApplication server) => _server = server;

    public Uri Endpoint => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1");

    public static async Task<ScriptedModel> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var model = new ScriptedModel(builder.Build());
        model._server.MapPost("/v1/chat/completions", model.AnswerAsync);
        await model._server.StartAsync(cancellationToken);
        return model;
    }

    /// <summary>The next call that arrives.</summary>
    public async Task<ModelCall> NextAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within);
        try
        {
            return await _calls.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Nobody asked the model within {Within.TotalSeconds} s.");
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var call = new ModelCall();
        await using var hangUp = context.RequestAborted.Register(call.HangUp);
        _calls.Writer.TryWrite(call);
        await Task.WhenAny(call.Answered, call.Gone);
        if (call.Gone.IsCompleted) return;
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
    }
}

/// <summary>Somebody waits for the model.</summary>
internal sealed class ModelCall
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answered => _answered.Task;

    /// <summary>Done when the caller has hung up.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Answers nothing, with which the caller goes on in its own words.</summary>
    public void Answer() => _answered.TrySetResult();

    public void HangUp() => _gone.TrySetResult();
}

/// <summary>The services with a scripted model, and a second for each user's messages.</summary>
public sealed class ServicesWithModel : Services
{
    internal ScriptedModel Model { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Model = await ScriptedModel.StartAsync(TestContext.Current.CancellationToken);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) => new(new Dictionary<string, string>
    {
        ["Model__Endpoint"] = Model.Endpoint.ToString(),
        ["Model__Timeout"] = "00:02:00",
        ["Limits__Messages__Free"] = "1000",
    });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Model.DisposeAsync();
    }
}
