using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Audit;

/// <summary>The audit log of a running auth.</summary>
internal static class AuditOf
{
    private static readonly TimeSpan VerifiedWithin = TimeSpan.FromMinutes(5);

    /// <summary>Waits until auth has written what it writes by itself: that there is an administrator now.</summary>
    public static Task SettledAsync(AuthProcess auth, CancellationToken cancellationToken) =>
        auth.WaitForOutputAsync("Made the first administrator", cancellationToken);

    /// <summary>Adds entries as auth does, many to a transaction.</summary>
    public static Task FillAsync(AuthNode node, int count, CancellationToken cancellationToken) => node.WithAsync<IServiceProvider>(async services =>
    {
        var (db, writer, log) = (services.Get<AuthDb>(), services.Get<DatabaseWriter>(), services.Get<AuditLog>());
        foreach (var batch in Enumerable.Range(1, count).Chunk(500))
        {
            await using var write = await writer.BeginAsync(cancellationToken);
            foreach (var i in batch) await log.AddAsync(Event(i), cancellationToken);
            await write.CommitAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    });

    public static AuditEvent Event(int i) => new(AuditEvents.Login, (AuditOutcome)(i % 3), Guid.CreateVersion7(), Guid.CreateVersion7(), $"attempt {i}");

    public static async Task<List<AuditRecord>> ReadAsync(AuthNode node) =>
        (await node.ReadAsync(db => db.AuditEntries.AsNoTracking().OrderBy(e => e.Seq).ToListAsync())).ConvertAll(e => e.ToRecord());

    /// <summary>What is wrong with the chain, or null.</summary>
    public static AuditFault? FaultIn(AuthNode node, IEnumerable<AuditRecord> entries)
    {
        var verification = new AuditVerification(node.Derive(AuditChain.KeyPurpose), anchor: null);
        return entries.Select(verification.Add).FirstOrDefault(fault => fault is not null);
    }

    /// <summary><c>throughline audit …</c> on the state of this auth.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(AuthProcess auth, CancellationToken cancellationToken, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(VerifiedWithin);
        await using var program = RunningProgram.Start("Launcher", ["audit", .. arguments, "--state", auth.State]);
        var code = await program.WaitForExitAsync(limit.Token);
        return (code, string.Join('\n', program.Output), string.Join('\n', program.Errors));
    }

    private static T Get<T>(this IServiceProvider services)
        where T : notnull => (T)(services.GetService(typeof(T)) ?? throw new InvalidOperationException($"There is no {typeof(T)}."));
}
