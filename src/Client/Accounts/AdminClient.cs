using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Proof;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Accounts;

/// <summary>What an administrator does: accounts, and the audit log. Everybody else gets <c>forbidden</c>.</summary>
/// <param name="http">Its base address is the public origin or auth's.</param>
public sealed class AdminClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _signedIn = new(http, tokens, time ?? TimeProvider.System);

    /// <summary>One page of accounts.</summary>
    /// <param name="query">Part of an e-mail or a name; <c>null</c>: all.</param>
    /// <param name="cursor"><c>next</c> of the page before; <c>null</c>: the first page.</param>
    public Task<Page<AdminUser>> ListUsersAsync(string? query, string? cursor, int? limit, CancellationToken cancellationToken) =>
        _signedIn.GetAsync(Paths.With("/auth/admin/users", ("query", query), ("limit", limit), ("cursor", cursor)),
            WireJson.Default.PageAdminUser, cancellationToken);

    /// <summary>Changes tier, role or whether the user is shut out. A tier counts at the next message; a role and a shut-out end every session.</summary>
    /// <param name="version"><see cref="AdminUser.Version"/> that the change is based on; a newer one at the service refuses it.</param>
    /// <exception cref="Problems.ProtocolException"><c>last_admin</c>: nobody would be left to administer; <c>precondition_failed</c>; <c>not_found</c>.</exception>
    public Task<AdminUser> ChangeUserAsync(Guid userId, AdminUserPatch patch, long version, CancellationToken cancellationToken) =>
        _signedIn.ReadAsync(HttpMethod.Patch, Paths.Of("/auth/admin/users", $"{userId}"), () => ApiRequests.Json(patch, WireJson.Default.AdminUserPatch),
            WireJson.Default.AdminUser, cancellationToken, ApiRequests.IfMatch(version));

    /// <summary>Signs a user out everywhere.</summary>
    public Task EndSessionsAsync(Guid userId, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Delete, Paths.Of("/auth/admin/users", $"{userId}", "sessions"), cancellationToken);

    /// <summary>One page of the audit log, the newest first.</summary>
    /// <param name="user">Whose; <c>null</c>: everybody's.</param>
    /// <param name="name">Which event, such as <c>login</c>; <c>null</c>: every one.</param>
    public Task<Page<AuditRecord>> ListAuditAsync(Guid? user, string? name, string? cursor, int? limit, CancellationToken cancellationToken) =>
        _signedIn.GetAsync(Paths.With("/auth/admin/audit", ("user", user), ("event", name), ("limit", limit), ("cursor", cursor)),
            WireJson.Default.PageAuditRecord, cancellationToken);

    /// <summary>What verify found: the last run whole, and the kept ones in a line each.</summary>
    public Task<ProofOverview> ReadProofAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/admin/proof", WireJson.Default.ProofOverview, cancellationToken);

    /// <summary>Begins a run of verify on the stack itself; it disrupts nothing.</summary>
    /// <exception cref="Problems.ProtocolException"><c>already_running</c>, or <c>not_available</c>: the launcher did not start this server.</exception>
    public Task<ProofProgress> RunProofAsync(CancellationToken cancellationToken) =>
        _signedIn.ReadAsync(HttpMethod.Post, "/auth/admin/proof/run", null, WireJson.Default.ProofProgress, cancellationToken);

    /// <summary>Waits until the run that goes on has come further, and for 20 seconds at most.</summary>
    /// <param name="after"><see cref="ProofProgress.Seq"/> of what the caller has seen.</param>
    public Task<ProofProgress> WaitForProofAsync(long after, CancellationToken cancellationToken) =>
        _signedIn.GetAsync(Paths.With("/auth/admin/proof/run", ("after", after), ("wait", 20)), WireJson.Default.ProofProgress, cancellationToken);
}
