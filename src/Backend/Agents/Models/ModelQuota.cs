using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Contracts.Agents;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Agents.Models;

/// <summary>
/// What the language model may use in a day, in tokens and in money: reserved before a call by what it may take at most, settled by what it took.
/// A call whose process dies is given back when its hold is over.
/// </summary>
internal sealed class ModelQuota(Limiter limiter, IOptions<ModelOptions> options, PriceTable prices, TimeProvider time)
{
    private const long MicrosPerDollar = 1_000_000;

    // Tokens hold three to four letters of English, fewer of other languages: what is reserved errs upward.
    private const int LettersPerToken = 3;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly ModelOptions _options = options.Value;

    /// <summary>The policies of a user, to be looked at.</summary>
    public IReadOnlyList<LimitCharge> LooksOf(Guid userId) => _options.Endpoint is null ? [] : Charges(userId, 0, 0);

    /// <summary>What is counted of a user, to be forgotten: whether or not there is a model now.</summary>
    public static IReadOnlyList<LimitCharge> OfUser(Guid userId)
    {
        var user = LimitSubject.OfUser(userId);
        return [new(new("model-tokens", 1, Day, LimitKind.Reserved), user), new(Money("model-money", 1), user)];
    }

    /// <returns>Null where the quota does not hold that much.</returns>
    public async Task<ModelReservation?> ReserveAsync(Guid userId, IEnumerable<ChatMessage> messages, int mostLetters, CancellationToken cancellationToken)
    {
        var (input, output) = ((messages.Sum(m => m.Text.Length) / LettersPerToken) + 1, mostLetters / LettersPerToken);
        var charges = Charges(userId, input + output, MicrosOf(input, output));
        var name = Guid.CreateVersion7().ToString("N");
        return charges.Count == 0 || (await limiter.TryChargeAsync(charges, name, cancellationToken)).IsAllowed
            ? new ModelReservation(this, userId, name, input)
            : null;
    }

    internal Task SettleAsync(Guid userId, string name, long input, long output) =>
        Charges(userId, input + output, MicrosOf(input, output)) is { Count: > 0 } charges ? limiter.SettleAsync(charges, name, CancellationToken.None) : Task.CompletedTask;

    private List<LimitCharge> Charges(Guid userId, long tokens, long micros)
    {
        var (user, hold) = (LimitSubject.OfUser(userId), _options.Timeout + TimeSpan.FromSeconds(30));
        var charges = new List<LimitCharge> { new(new("model-tokens", _options.TokensPerUser, Day, LimitKind.Reserved, "tokens"), user, tokens) { Hold = hold } };
        if (_options.MoneyPerUser is { } own) charges.Add(new(Money("model-money", own), user, micros) { Hold = hold });
        if (_options.MoneyOfAll is { } all) charges.Add(new(Money("model-money-of-all", all), LimitSubject.Everyone, micros) { Hold = hold });
        return charges;
    }

    private static LimitPolicy Money(string name, decimal dollars) => new(name, (long)(dollars * MicrosPerDollar), Day, LimitKind.Reserved, "micro-usd");

    /// <summary>USD per million tokens is millionths of a dollar per token. Rounded up: a call is never free.</summary>
    private long MicrosOf(long input, long output) => _options.PriceAt(prices, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) is var (perInput, perOutput)
        ? (long)Math.Ceiling((input * perInput) + (output * perOutput))
        : 0;
}

/// <summary>One call's share. It is settled once: by what the model says it used, else by what was sent.</summary>
internal sealed class ModelReservation(ModelQuota quota, Guid userId, string name, long input)
{
    public Task SettleAsync(ModelUsage? usage) => usage is null ? quota.SettleAsync(userId, name, input, 0) : quota.SettleAsync(userId, name, usage.InputTokens, usage.OutputTokens);

    /// <summary>The model was not reached.</summary>
    public Task ReleaseAsync() => quota.SettleAsync(userId, name, 0, 0);
}
