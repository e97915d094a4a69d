namespace Throughline.Verify.Looks;

/// <summary>One way of looking at a system beside what the checks saw. It changes nothing, and what it cannot see it leaves out.</summary>
/// <param name="id">After <c>look.</c>; a finding of this name carries the evidence.</param>
internal abstract class Look(string id, string statement)
{
    public string Id { get; } = $"look.{id}";

    public string Statement { get; } = statement;

    public abstract Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken);
}
