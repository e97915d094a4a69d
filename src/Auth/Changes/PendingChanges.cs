namespace Throughline.Auth.Changes;

/// <summary>What the transaction at hand has added to the outbox; told once it is committed, forgotten if it is not.</summary>
internal sealed class PendingChanges
{
    private readonly List<Change> _changes = [];

    public void Add(Change change) => _changes.Add(change);

    public IReadOnlyList<Change> Take()
    {
        Change[] taken = [.. _changes];
        _changes.Clear();
        return taken;
    }
}
