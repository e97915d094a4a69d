namespace Throughline.Verify;

/// <summary>Orders what needs each other: everything after what it needs, otherwise as declared.</summary>
internal static class TopologicalOrder
{
    /// <exception cref="GraphException">Something needs itself by some way round, or what is not there.</exception>
    public static IReadOnlyList<string> Of(IReadOnlyList<(string Id, IReadOnlyList<string> Needs)> nodes)
    {
        var needs = nodes.ToDictionary(n => n.Id, n => n.Needs);
        var (done, open, order) = (new HashSet<string>(), new HashSet<string>(), new List<string>());
        foreach (var (id, _) in nodes) Visit(id);
        return order;

        void Visit(string id)
        {
            if (done.Contains(id)) return;
            if (!needs.TryGetValue(id, out var before)) throw new GraphException($"'{id}' is needed, but not declared.");
            if (!open.Add(id)) throw new GraphException($"'{id}' needs itself, by {string.Join(" → ", open)}.");
            foreach (var need in before) Visit(need);
            open.Remove(id);
            done.Add(id);
            order.Add(id);
        }
    }
}

/// <summary>The declared graph contradicts itself.</summary>
public sealed class GraphException(string message) : Exception(message);
