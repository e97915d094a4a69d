using Throughline.Contracts.Discovery;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Nodes;

/// <summary>Three backends on one PostgreSQL and one Redis, as <c>up --nodes 3</c> starts them.</summary>
public sealed class ThreeNodes : Platform
{
    private static readonly string[] Names = ["backend", "backend.2", "backend.3"];

    private readonly PostgresServer _postgres = new();
    private readonly RedisServer _redis = new();

    /// <summary>As they run now.</summary>
    public IReadOnlyList<DiscoveryRecord> Nodes => [.. Names.Select(Stack.RecordOf)];

    /// <summary>The public origin's socket, which leads to any of the nodes.</summary>
    public Uri PublicSocket => new UriBuilder(Frontend) { Scheme = "ws", Path = "/ws" }.Uri;

    /// <summary>A tier's messages a minute are few: here they are a second's. All who sign up, in three tests within a minute, do so from one address.</summary>
    protected override IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["Limits__Window"] = "00:00:01", ["Accounts__SignUpsPerMinute"] = "1000" };

    protected override async ValueTask<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        await _postgres.InitializeAsync();
        await _redis.InitializeAsync();
        return ["--nodes", "3", "--postgres", _postgres.Address, "--redis", _redis.Address];
    }

    internal static Task<RawSocket> OpenAsync(Uri socket, TestUser user, CancellationToken cancellationToken) =>
        RawSocket.OpenAsync(socket, options => options.SetRequestHeader("Authorization", $"Bearer {user.AccessToken}"), cancellationToken);

    internal static Task<RawSocket> OpenAsync(DiscoveryRecord node, TestUser user, CancellationToken cancellationToken) =>
        OpenAsync(new Uri(node.WsUrl!), user, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}

/// <summary>Those that share the three nodes; a test among them may kill one, so they take turns.</summary>
[CollectionDefinition(Name)]
public sealed class OnThreeNodes : ICollectionFixture<ThreeNodes>
{
    public const string Name = "on three nodes";
}
