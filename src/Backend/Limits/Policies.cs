using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>The policies that callers are held to, made of the options.</summary>
internal sealed class Policies(IOptions<LimitOptions> options)
{
    public const string OfAll = "service";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly LimitOptions _options = options.Value;

    public LimitPolicy User { get; } = new("requests", options.Value.PointsPerUser, Minute, LimitKind.Flow);

    public LimitPolicy Address { get; } = new("address", options.Value.PointsPerAddress, Minute, LimitKind.Flow);

    public LimitPolicy Service { get; } = new(OfAll, options.Value.PointsOfAll, Minute, LimitKind.Flow);

    public LimitPolicy Uploads { get; } = new("uploads", options.Value.UploadBytesPerDay, TimeSpan.FromDays(1), LimitKind.Reserved, "content-bytes");

    public LimitPolicy Sockets { get; } = new("sockets", options.Value.SocketsPerUser, Minute, LimitKind.Flow);

    public LimitPolicy SocketsOfAddress { get; } = new("sockets-address", options.Value.SocketsPerAddress, Minute, LimitKind.Flow);

    public LimitPolicy Messages(string tier) => new("messages", tier switch
    {
        "early" => _options.Messages.Early,
        "mid" => _options.Messages.Mid,
        "enterprise" => _options.Messages.Enterprise,
        _ => _options.Messages.Free,
    }, _options.Window, LimitKind.Log);

    /// <summary>All that is counted of a user.</summary>
    public IReadOnlyList<LimitCharge> OfUser(Guid userId, string tier)
    {
        var user = LimitSubject.OfUser(userId);
        return [new(Messages(tier), user), new(User, user), new(Uploads, user), new(Sockets, user)];
    }
}
