using System.Text.Json;

namespace Throughline.Verify.Checks.Sync;

/// <summary>The backend's copy of the users, as its own interface for services tells it.</summary>
internal static class Replica
{
    /// <summary>Asks until the copy satisfies the condition; the caller's deadline is the limit.</summary>
    public static async Task<JsonElement> UntilAsync(
        SystemUnderTest system, Guid userId, Func<JsonElement, bool> isWanted, CancellationToken cancellationToken, string? token = null)
    {
        token ??= await system.ServiceTokenAsync("backend", cancellationToken);
        JsonElement found = default;
        await Waiting.UntilAsync(system.Time, async () =>
        {
            var answer = await system.Web.GetAsync(new Uri(system.Backend, $"/internal/users/{userId}"), token, cancellationToken);
            if (answer.Status is not (200 or 404)) answer.Expect(200);
            if (answer.Status != 200 || !isWanted(answer.Json)) return false;
            found = answer.Json;
            return true;
        }, cancellationToken);
        return found;
    }

    /// <returns>What differs, a line each, and how many users were compared.</returns>
    public static async Task<(IReadOnlyList<string> Found, long Compared)> ReconcileAsync(SystemUnderTest system, bool repair, CancellationToken cancellationToken)
    {
        var token = await system.ServiceTokenAsync("operator", cancellationToken);
        var answer = await system.Web.PostAsync(new Uri(system.Backend, $"/internal/reconcile?repair={(repair ? "true" : "false")}"), token, null, cancellationToken);
        var lines = answer.Expect(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l)).ToList();
        if (lines is not [.., var last] || last.Find("isDone") is not { ValueKind: JsonValueKind.True }) throw new Refutation("the comparison did not come to its end");
        return ([.. lines.Select(l => l.Find("found")).OfType<JsonElement>().Select(f => $"user {f.FindText("userId")} is {f.FindText("kind")}: {f.FindText("detail")?.TrimEnd('.')}")], last.Number("compared"));
    }
}
