using Throughline.Client.Problems;

namespace Throughline.Web.Shell;

/// <summary>Why a call did not work, ready to be shown.</summary>
/// <param name="Code">The protocol's code; <c>unreachable</c> where no answer came.</param>
/// <param name="Sentence">What happened and what to do, for people.</param>
public sealed record Failure(string Code, string Sentence, string? TraceId = null, TimeSpan? RetryAfter = null, IReadOnlyDictionary<string, string[]>? Errors = null)
{
    public static Failure Of(ProtocolException refusal) => new(
        refusal.Code, refusal.Detail is { Length: > 0 } detail ? $"{refusal.Title} {detail}" : refusal.Title,
        refusal.TraceId, refusal.RetryAfter, refusal.Errors);

    /// <summary>The page or the sign-in it was asked from is gone; there is nobody to tell.</summary>
    public static readonly Failure Abandoned = new("abandoned", "This was not finished, because the page was left.");

    public static readonly Failure Unreachable = new("unreachable", "The server did not answer. Check that it is running, then try again.");
}

/// <summary>Calls a service from a page: an expected refusal is a value, and a lost connection too.</summary>
public static class Attempt
{
    public static async Task<(T? Value, Failure? Failure)> Of<T>(Task<T> call) where T : class?
    {
        try
        {
            return (await call, null);
        }
        catch (ProtocolException refusal)
        {
            return (null, Failure.Of(refusal));
        }
        catch (HttpRequestException)
        {
            return (null, Failure.Unreachable);
        }
        catch (Exception left) when (left is OperationCanceledException or ObjectDisposedException)
        {
            return (null, Failure.Abandoned);
        }
    }

    public static async Task<Failure?> Of(Task call)
    {
        try
        {
            await call;
            return null;
        }
        catch (ProtocolException refusal)
        {
            return Failure.Of(refusal);
        }
        catch (HttpRequestException)
        {
            return Failure.Unreachable;
        }
        catch (Exception left) when (left is OperationCanceledException or ObjectDisposedException)
        {
            return Failure.Abandoned;
        }
    }
}
