using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks;

/// <summary>Somebody with a socket and a usage file, who may ask as much as the target lets verify give.</summary>
internal sealed class Asker(Member member, ProbeSocket socket, Guid fileId, UsageSample usage) : IAsyncDisposable
{
    /// <summary>What a user of the lowest tier may ask a minute.</summary>
    public const int FreeMessages = 5;

    /// <summary>What a refutation says whose user did not get its tier at the backend.</summary>
    public const string TierDidNotArrive = " did not reach the backend";

    /// <summary>Far more than a change takes to reach the backend; what waits in vain would wait until the run ends.</summary>
    private static readonly TimeSpan RaisedWithin = TimeSpan.FromSeconds(10);

    public Member Member => member;

    public ProbeSocket Socket => socket;

    public Guid FileId => fileId;

    public UsageSample Usage => usage;

    public static async Task<Asker> NewAsync(SystemUnderTest system, string name, int seed, CancellationToken cancellationToken, int rows = 300, int users = 5)
    {
        var member = await system.Members.SignUpAsync(name, cancellationToken);
        var usage = UsageSample.Make(rows, seed, name, users);
        var file = (await Checks.Usage.UploadAsync(system, member, usage, cancellationToken)).Id("id");
        await RaiseAsync(system, member, "enterprise", cancellationToken);
        return new Asker(member, await member.ConnectAsync(cancellationToken), file, usage);
    }

    /// <summary>Gives the member a tier, where an administrator's password is at hand, and waits until the backend goes by it.</summary>
    public static async Task<bool> RaiseAsync(SystemUnderTest system, Member member, string tier, CancellationToken cancellationToken)
    {
        if (system.Lacks(Needs.Administrator) is not null) return false;
        await system.ChangeUserAsync(member.UserId, new JsonObject { ["tier"] = tier }, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RaisedWithin);
        try
        {
            await Waiting.UntilAsync(system.Time, async () => (await member.GetAsync("/api/limits", limit.Token)).Expect(200).Json.FindText("tier") == tier, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Refutation($"the tier {tier}{TierDidNotArrive} within {RaisedWithin.TotalSeconds:0} s");
        }
    }

    public Task<Started> AskAsync(string question, CancellationToken cancellationToken, string? threadId = null) =>
        Asking.AskAsync(socket, question, cancellationToken, threadId, [fileId]);

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
