using System.Data.Common;

namespace Throughline.ServiceDefaults;

/// <summary>An exception by which its thrower says: not now; the same call can succeed later.</summary>
public interface IUnavailable;

/// <summary>Whether what failed comes back by itself or by its operator's hand: a dependency that is away or held, a disk that is full. All else is a bug.</summary>
public static class Unavailability
{
    public static bool Is(Exception? exception) => exception is not null
        && (exception is IUnavailable or DbException { IsTransient: true } || DependencyBreaker.IsAway(exception) || DiskFull.IsMeant(exception)
            || DatabaseFault.Of(exception, "") is not null || Is(exception.InnerException));
}
