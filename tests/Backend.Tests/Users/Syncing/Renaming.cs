using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Users.Syncing;

/// <summary>A user who changes its name again and again, and remembers every change that auth has acknowledged.</summary>
internal sealed class Renaming(Services services, Member member)
{
    /// <summary>Well before the access token ends.</summary>
    private static readonly TimeSpan SignInEvery = TimeSpan.FromMinutes(5);

    private Member _member = member;
    private long _signedInAt = TimeProvider.System.GetTimestamp();
    private readonly List<(long Version, string Name)> _acknowledged = [(1, "sync")];
    private int _attempts;

    public Member Member => _member;

    public IReadOnlyList<(long Version, string Name)> Acknowledged => _acknowledged;

    /// <summary>Changes that were sent, whatever became of them.</summary>
    public int Attempts => _attempts;

    /// <returns>The version that auth acknowledged.</returns>
    public async Task<long> RenameAsync(Uri auth, CancellationToken cancellationToken)
    {
        if (TimeProvider.System.GetElapsedTime(_signedInAt) > SignInEvery)
        {
            var before = _member;
            _member = await services.SignInAsync(before.UserId, before.Email, cancellationToken);
            _signedInAt = TimeProvider.System.GetTimestamp();
            before.Dispose();
        }

        var name = $"sync {++_attempts}";
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(auth, "/auth/me")) { Content = JsonContent.Create(new AccountPatch(name), WireJson.Default.AccountPatch) };
        using var response = await _member.Auth.SendAsync(request, cancellationToken);
        Assert.False((int)response.StatusCode is >= 400 and < 500, $"A change was refused with {(int)response.StatusCode}: that is no outage.");
        response.EnsureSuccessStatusCode();
        var account = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), WireJson.Default.Account)!;
        Assert.Equal(name, account.Name);
        _acknowledged.Add((account.Version, name));
        return account.Version;
    }

    /// <summary>Every acknowledged change has a version of its own, later ones higher ones, and no change that was never sent is among them.</summary>
    public void AssertInOrder(long last)
    {
        Assert.Equal(_acknowledged.OrderBy(a => a.Version).DistinctBy(a => a.Version), _acknowledged);
        Assert.InRange(last, _acknowledged.Count, _attempts + 1);
    }
}
