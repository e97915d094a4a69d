using Microsoft.Extensions.Options;

namespace Throughline.Backend.Files;

/// <summary>Keeps uploads from crowding out everything else: so many in progress, so many of one user, so many imports at once.</summary>
internal sealed class UploadPlaces(IOptions<UploadOptions> options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofUser = [];
    private readonly SemaphoreSlim _imports = new(options.Value.ImportsAtOnce);
    private int _taken;

    /// <summary>Takes a place before the first byte is read, so that nobody sends a gigabyte to be refused.</summary>
    /// <returns>Disposed, it gives the place back; null where there is none.</returns>
    public IDisposable? TryEnter(Guid userId, out bool isOwnFault)
    {
        lock (_gate)
        {
            var own = _ofUser.GetValueOrDefault(userId);
            isOwnFault = own >= options.Value.UploadsAtOnceOfUser;
            if (isOwnFault || _taken >= options.Value.UploadsAtOnce) return null;
            _taken++;
            _ofUser[userId] = own + 1;
            return new Held(() => Leave(userId));
        }
    }

    /// <summary>Waits until an import may run.</summary>
    public async Task<IDisposable> ImportAsync(CancellationToken cancellationToken)
    {
        await _imports.WaitAsync(cancellationToken);
        return new Held(() => _imports.Release());
    }

    public void Dispose() => _imports.Dispose();

    private void Leave(Guid userId)
    {
        lock (_gate)
        {
            _taken--;
            if (--_ofUser[userId] == 0) _ofUser.Remove(userId);
        }
    }

    private sealed class Held(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
