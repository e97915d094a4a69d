namespace Throughline.Verify;

/// <summary>Finds the causes behind findings, by their evidence alone.</summary>
public interface IDiagnosis
{
    /// <returns>Ranked, the one that explains most first. Every failed assertion is explained by at least one.</returns>
    IReadOnlyList<Cause> Explain(ProofGraph graph, IReadOnlyList<Finding> findings);
}
