using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Auth's published keys over HTTP: read each second and, as often as <see cref="RefreshAllowance"/> lets, when a token names a key that
/// is not known. A key that auth has withdrawn is not asked for again: its tokens must not use up what a new key's need. The last ones
/// seen are kept in the state folder, so that a service can start and serve while auth is away.
/// With a shared secret they are not asked for.
/// </summary>
internal sealed partial class PublishedKeySource(
    IHttpClientFactory http, StateFolder state, ServiceIdentity identity, IOptions<TokenOptions> options, TimeProvider time,
    ILogger<PublishedKeySource> logger) : BackgroundService, IVerificationKeySource, ISigningKeyIds
{
    public const string HttpClientName = "published-keys";

    private static readonly Uri KeySetAddress = new("http://auth/.well-known/jwks");

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly string _copyPath = state.PathOf("keys", $"published-{identity.Service}-{identity.Instance:N}.json");
    private readonly string _sharedCopyPath = state.PathOf("keys", $"published-{identity.Service}.json");
    private VerificationKeys _current = VerificationKeys.None;
    private byte[] _currentJson = [];
    private readonly RefreshAllowance _onDemand = new(time);
    private readonly HashSet<string> _withdrawn = new(StringComparer.Ordinal); // as many as auth has had keys while this service ran
    private volatile bool _isReachable = true;

    public VerificationKeys Current => Volatile.Read(ref _current);

    public bool IsReachable => _isReachable;

    IReadOnlyList<string> ISigningKeyIds.Current => options.Value.Secret is null ? Current.Ids : [TokenOptions.SharedKeyId];

    public async ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken)
    {
        // Whoever waited here while another fetched finds the key.
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (Current.Find(keyId) is null && !_withdrawn.Contains(keyId) && _onDemand.TryUse()) await FetchAsync(cancellationToken);
            return Current;
        }
        finally
        {
            _fetching.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LoadCopyAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _fetching.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Secret is not null) return;
        using var timer = new PeriodicTimer(TokenOptions.KeyRefresh, time);
        do
        {
            await _fetching.WaitAsync(stoppingToken);
            try
            {
                await FetchAsync(stoppingToken);
            }
            finally
            {
                _fetching.Release();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = http.CreateClient(HttpClientName);
            var json = await client.GetByteArrayAsync(KeySetAddress, cancellationToken);
            await AdoptAsync(json, cancellationToken);
            if (!_isReachable) Log.Reachable(logger);
            _isReachable = true;
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or TaskCanceledException or IOException
            && !cancellationToken.IsCancellationRequested)
        {
            if (_isReachable) Log.Unreachable(logger, e.Message, Current.Ids.Count);
            _isReachable = false;
        }
    }

    private async Task AdoptAsync(byte[] json, CancellationToken cancellationToken)
    {
        if (json.AsSpan().SequenceEqual(_currentJson)) return;
        var keys = VerificationKeys.Parse(json, reuse: Current);
        _withdrawn.UnionWith(Current.Ids);
        _withdrawn.ExceptWith(keys.Ids);
        _currentJson = json;
        Volatile.Write(ref _current, keys);
        Log.Adopted(logger, string.Join(' ', keys.Ids));

        // Written beside and moved, so that a reader never sees half of it; several nodes may do so at once.
        await File.WriteAllBytesAsync(_copyPath, json, cancellationToken);
        File.Move(_copyPath, _sharedCopyPath, overwrite: true);
    }

    private async Task LoadCopyAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(_sharedCopyPath)) return;
        try
        {
            _currentJson = await File.ReadAllBytesAsync(_sharedCopyPath, cancellationToken);
            Volatile.Write(ref _current, VerificationKeys.Parse(_currentJson));
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            Log.CopyUnreadable(logger, _sharedCopyPath, e.Message);
            _currentJson = [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Verifying access tokens with the keys {KeyIds}")]
        public static partial void Adopted(ILogger logger, string keyIds);

        [LoggerMessage(2, LogLevel.Warning, "The published keys cannot be read ({Reason}); going on with the {Count} last seen")]
        public static partial void Unreachable(ILogger logger, string reason, int count);

        [LoggerMessage(3, LogLevel.Information, "The published keys can be read again")]
        public static partial void Reachable(ILogger logger);

        [LoggerMessage(4, LogLevel.Warning, "The copy of the published keys in {Path} is of no use: {Reason}")]
        public static partial void CopyUnreadable(ILogger logger, string path, string reason);
    }
}
