using System.Data.Common;
using Throughline.Backend.Threads;

namespace Throughline.Backend;

/// <summary>Whether an exception means that something is away which comes back, not that we have a bug.</summary>
internal static class Unavailability
{
    public static bool Is(Exception exception) =>
        exception is DbException or AppendFailedException or TimeoutException or Files.Contents.ContentAwayException || Breakers.DependencyBreakers.IsAway(exception);
}
