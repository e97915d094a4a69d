using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Tests;

/// <summary>The audit log, as an administrator reads it.</summary>
internal static class Activity
{
    /// <summary>What happened to a user, newest first: <c>login failure</c>.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(AuthClient auth, Guid userId) =>
        [.. (await ReadAsync(auth, $"user={userId}")).Select(e => $"{e.Event} {e.Outcome}")];

    public static async Task<IReadOnlyList<AuditRecord>> ReadAsync(AuthClient auth, string filter)
    {
        var admin = await auth.AdminAsync();
        var entries = new List<AuditRecord>();
        string? cursor = null;
        do
        {
            var answer = await auth.GetAsync($"/auth/admin/audit?{filter}&limit=200{(cursor is null ? "" : $"&cursor={cursor}")}", admin.Access);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var page = answer.As<Page<AuditRecord>>();
            entries.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return entries;
    }
}
