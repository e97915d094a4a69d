using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;
using Polly.CircuitBreaker;
using Throughline.Backend.Breakers;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Models;

/// <summary>What a model wrote, as the journal keeps it.</summary>
/// <param name="Template">Absent where it gave no answer: the deterministic one is sent then.</param>
internal sealed record ModelText(string? Template, ModelUsage? Usage = null);

/// <summary>Has an OpenAI-compatible model phrase an answer. It writes templates; it never prints a number.</summary>
internal sealed partial class ModelWriter : IDisposable
{
    private const int LongestAnswer = 20_000;
    private readonly IChatClient? _client;
    private readonly ModelOptions _options;
    private readonly ModelQuota _quota;
    private readonly DependencyBreakers _breakers;
    private readonly TimeProvider _clock;
    private readonly ILogger<ModelWriter> _logger;

    public ModelWriter(IOptions<ModelOptions> options, ModelQuota quota, DependencyBreakers breakers, TimeProvider clock, ILogger<ModelWriter> logger)
    {
        (_options, _quota, _breakers, _clock, _logger) = (options.Value, quota, breakers, clock, logger);
        if (_options.Endpoint is not { } endpoint) return;
        // No retries: the deterministic answer is ready, and a person waits.
        var client = new OpenAIClient(new ApiKeyCredential(_options.ApiKey is { Length: > 0 } key ? key : "none"),
            new OpenAIClientOptions { Endpoint = endpoint, RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = _options.Timeout });
        _client = client.GetChatClient(_options.Name).AsIChatClient();
    }

    public bool IsConfigured => _client is not null;

    /// <param name="userId">Whose quota it takes.</param>
    public async Task<ModelText> WriteAsync(Guid userId, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        if (await _quota.ReserveAsync(userId, messages, LongestAnswer, cancellationToken) is not { } reserved)
        {
            Log.QuotaUsedUp(_logger, _options.Name, userId);
            return new ModelText(null);
        }

        var isReached = false;
        ModelText? text = null;
        try
        {
            return text = await _breakers.Model.ExecuteAsync(async stop =>
            {
                isReached = true;
                return await AskAsync(messages, stop);
            }, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is HttpRequestException or BrokenCircuitException or TimeoutException)
        {
            if (error.InnerException is ClientResultException) isReached = false; // it said no, and charges nothing
            Log.NoAnswer(_logger, _options.Name, error);
            return new ModelText(null);
        }
        finally
        {
            // Also where the run was cancelled meanwhile: what was sent was sent.
            await (isReached ? reserved.SettleAsync(text?.Usage) : reserved.ReleaseAsync());
        }
    }

    /// <exception cref="HttpRequestException">It gave no answer, whatever the reason.</exception>
    /// <exception cref="TimeoutException">It took longer than its limit.</exception>
    private async Task<ModelText> AskAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var text = new StringBuilder();
            UsageDetails? usage = null;
            await foreach (var update in _client!.GetStreamingResponseAsync(messages, new ChatOptions { Temperature = 0 }, either.Token))
            {
                text.Append(update.Text);
                foreach (var content in update.Contents.OfType<UsageContent>()) usage = content.Details;
                if (text.Length > LongestAnswer) break;
            }

            return new ModelText(
                text.Length is 0 or > LongestAnswer ? null : text.ToString().Trim(),
                usage is null ? null : new ModelUsage(_options.Name, usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0));
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The model took too long.", error);
        }
        catch (Exception error) when (error is ClientResultException or IOException or System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new HttpRequestException("The model gave no answer.", error);
        }
    }

    public void Dispose() => _client?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Model {Model} gave no answer; the answer is phrased without it")]
        public static partial void NoAnswer(ILogger logger, string model, Exception error);

        [LoggerMessage(2, LogLevel.Warning, "The quota of model {Model} is used up for user {UserId}; the answer is phrased without it")]
        public static partial void QuotaUsedUp(ILogger logger, string model, Guid userId);
    }
}
