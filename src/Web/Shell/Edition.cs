namespace Throughline.Web.Shell;

/// <summary>Of a list that this page changes while it also asks the server for it: an answer from before a change does not undo the change.</summary>
internal sealed class Edition
{
    private int _changes;

    /// <summary>Something was added, changed or removed here.</summary>
    public void Changed() => _changes++;

    /// <summary>Asks, and asks again where the list was changed here meanwhile.</summary>
    /// <param name="isWanted">Whether there is still somebody to ask for.</param>
    /// <returns><see cref="Failure.Abandoned"/> where there is nobody any more.</returns>
    public async Task<(T? Value, Failure? Failure)> ReadAsync<T>(Func<Task<T>> ask, Func<bool> isWanted) where T : class
    {
        while (isWanted())
        {
            var changes = _changes;
            var (value, failure) = await Attempt.Of(ask());
            if (changes == _changes)
                return (value, failure);
        }

        return (null, Failure.Abandoned);
    }
}
