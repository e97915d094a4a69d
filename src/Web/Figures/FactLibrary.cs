using Throughline.Client.Api;
using Throughline.Contracts.Facts;

namespace Throughline.Web.Figures;

/// <summary>Facts that were looked up. A fact never changes, so each is fetched once; a failure is not kept.</summary>
public sealed class FactLibrary(ThroughlineClient client)
{
    private readonly Dictionary<Guid, Fact> _facts = [];

    public Fact? Known(Guid factId) => _facts.GetValueOrDefault(factId);

    public async Task<Fact> GetAsync(Guid factId, CancellationToken cancellationToken)
    {
        if (Known(factId) is { } known)
            return known;
        var fact = await client.GetFactAsync(factId, cancellationToken);
        return _facts[factId] = fact;
    }

    /// <summary>The fact, computed once more from the rows, with the verdict of that.</summary>
    public async Task<Fact> RecomputeAsync(Guid factId, CancellationToken cancellationToken) =>
        Known(factId) is { Recomputes: not null } known ? known : _facts[factId] = await client.RecomputeFactAsync(factId, cancellationToken);

    public void Forget() => _facts.Clear();
}
