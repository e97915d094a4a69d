using Throughline.Contracts.Facts;

namespace Throughline.Backend.Agents;

/// <summary>Computes a stored fact again from the stored rows: <c>GET /api/facts/{id}?recompute=true</c>.</summary>
internal interface IFactRecomputer
{
    /// <param name="files">The files of the run that the fact came from; one that was deleted since is missing.</param>
    /// <returns>The fact with <see cref="Fact.Recomputes"/> set (absent where it cannot be told) and its first rows filled in.</returns>
    Task<Fact> CompleteAsync(Fact fact, IReadOnlyList<AttachedFile> files, CancellationToken cancellationToken);
}
