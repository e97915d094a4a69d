namespace Throughline.Verify;

/// <summary>Which system a part is run against. All are the same one where verify was given a target.</summary>
internal enum StackRole
{
    /// <summary>The system under test.</summary>
    Main,

    /// <summary>A second one, for outages and waits that would disturb the others.</summary>
    Second,

    /// <summary>None: the part starts what it needs.</summary>
    None,
}

/// <summary>A part of a check that is run as one: a sequence of assertions that build on each other, or a set of independent ones.</summary>
internal abstract class CheckPart
{
    /// <summary>All that it can say. What is not said in the end is unknown.</summary>
    public abstract IReadOnlyList<Assertion> Assertions { get; }

    public virtual StackRole Stack => StackRole.Main;

    /// <summary>Kills or restarts something: runs after the others on its system, alone, and only where that is allowed.</summary>
    public virtual bool Disrupts => false;

    /// <summary>Measures what is too short to be measured beside anything else: nothing but it runs on its system meanwhile.</summary>
    public virtual bool MeasuresAlone => false;

    /// <summary>Takes so much of the machine that it would spoil what is measured: runs after that.</summary>
    public virtual bool IsHeavy => Stack == StackRole.None;

    /// <summary>Does not wait for the steps that its check needs.</summary>
    public virtual bool RunsAtOnce => false;

    public string Check => Assertions[0].Check;

    public abstract Task RunAsync(CheckRun run, CancellationToken cancellationToken);

    /// <summary>
    /// What can be shown of it alone while a step that its check needs is broken, so that a second cause does not hide behind the first.
    /// </summary>
    public virtual Task RunAloneAsync(CheckRun run, CancellationToken cancellationToken) => Task.CompletedTask;
}
