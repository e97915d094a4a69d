namespace Throughline.Web.Threads;

public enum StageState
{
    ToCome,
    Running,
    Done,
    Stopped,
    Failed,
}

/// <summary>A stage of a run, as the strip shows it.</summary>
/// <param name="startedMs">Since the run began, milliseconds, by the server's clock.</param>
public sealed class StageView(string name, double startedMs)
{
    // These two come at the end of every run, so they can be shown before they begin.
    private static readonly string[] Always = ["report", "quality_gate"];

    public string Name { get; } = name;

    public StageState State { get; private set; } = StageState.Running;

    public double StartedMs { get; } = startedMs;

    public double ElapsedMs { get; private set; }

    public string Title => TitleOf(Name);

    internal void Finish(double atMs) => End(atMs, StageState.Done);

    internal void Stop(double atMs, bool failed) => End(atMs, failed ? StageState.Failed : StageState.Stopped);

    /// <summary>The stages to draw: those that ran, and while the run goes on those that are sure to follow.</summary>
    public static IEnumerable<StageView> Strip(RunView run) => run.IsOver
        ? run.Stages
        : run.Stages.Concat(Always
            .Where(name => run.Stages.All(stage => stage.Name != name))
            .Select(name => new StageView(name, 0) { State = StageState.ToCome }));

    private void End(double atMs, StageState state)
    {
        ElapsedMs = Math.Max(0, atMs - StartedMs);
        State = state;
    }

    private static string TitleOf(string name)
    {
        var words = name.Replace('_', ' ');
        return words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..];
    }
}

internal static class StageStates
{
    public static string? CssClass(this StageState state) => state switch
    {
        StageState.ToCome => "to-come",
        StageState.Running => "running",
        StageState.Stopped => "stopped",
        StageState.Failed => "failed",
        StageState.Done => null,
    };
}
