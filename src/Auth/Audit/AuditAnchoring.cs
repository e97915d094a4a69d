using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Audit;

/// <summary>
/// Keeps the <see cref="AuditAnchor"/>: at start, at most a second after each write, and at stop. It only ever moves it forward from an
/// entry that is still there, so a log that was cut off and written on does not get a new anchor.
/// </summary>
internal sealed partial class AuditAnchoring(
    IServiceScopeFactory scopes, ChangeSignal signal, MasterKey master, StateFolder state, TimeProvider time, ILogger<AuditAnchoring> logger) : BackgroundService
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);

    private readonly string _path = state.PathOf(AuditAnchor.Location);
    private readonly byte[] _key = master.Derive(AuditAnchor.KeyPurpose);
    private string? _complaint;

    /// <summary>Before anything writes, so that a new log is anchored from its beginning.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => TryAnchorAsync(cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAnchorAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var next = signal.Next; // armed before the read
            if (await TryAnchorAsync(stoppingToken)) await next.WaitAsync(stoppingToken);
            await Task.Delay(LeastInterval, time, stoppingToken);
        }
    }

    private async Task<bool> TryAnchorAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AnchorAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is DbException or InvalidOperationException { InnerException: DbException } or IOException or UnauthorizedAccessException)
        {
            // The database or the disk is away; the next second tries again.
            if (_complaint != e.Message) Log.Failed(logger, _complaint = e.Message);
            return false;
        }
        catch (FormatException e)
        {
            if (_complaint != e.Message) Log.Unreadable(logger, _complaint = e.Message);
            return true;
        }
    }

    private async Task AnchorAsync(CancellationToken cancellationToken)
    {
        var anchor = AuditAnchor.Read(_path, _key); // before the log, which can only have grown since
        await using var scope = scopes.CreateAsyncScope();
        var entries = scope.ServiceProvider.GetRequiredService<AuthDb>().AuditEntries.AsNoTracking();
        var last = await entries.OrderByDescending(e => e.Seq).Select(e => new { e.Seq, e.Hash }).FirstOrDefaultAsync(cancellationToken);
        var (seq, hash) = (last?.Seq ?? 0, last?.Hash ?? AuditChain.Genesis.ToArray());
        if (anchor is null)
        {
            Log.Began(logger, seq);
        }
        else if (anchor.Seq > 0)
        {
            var held = await entries.Where(e => e.Seq == anchor.Seq).Select(e => e.Hash).SingleOrDefaultAsync(cancellationToken);
            if (held is null || Convert.ToHexStringLower(held) != anchor.Hash)
            {
                if (_complaint is null) Log.CutOff(logger, anchor.Seq, anchor.At);
                _complaint = "";
                return;
            }
        }
        if (anchor?.Seq == seq) return;
        AuditAnchor.Sealed(seq, hash, time.GetUtcNow(), anchor?.Since ?? seq, _key).Write(_path);
        _complaint = null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The audit log is anchored from entry {Seq} on")]
        public static partial void Began(ILogger logger, long seq);

        [LoggerMessage(2, LogLevel.Error, "The audit log lacks entry {Seq}, which it had at {At:u}; run: throughline audit verify")]
        public static partial void CutOff(ILogger logger, long seq, DateTimeOffset at);

        [LoggerMessage(3, LogLevel.Warning, "The audit log's end cannot be anchored: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Error, "The audit log's end is not anchored any more: {Reason} Run: throughline audit verify")]
        public static partial void Unreadable(ILogger logger, string reason);
    }
}
