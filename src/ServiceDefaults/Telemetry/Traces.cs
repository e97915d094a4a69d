using System.Diagnostics;

namespace Throughline.ServiceDefaults;

/// <summary>Begins the spans that carry a trace on from where it was written down, or that begin one.</summary>
public static class Traces
{
    /// <summary>Begins a span under <paramref name="parent"/>, whatever span the caller is in; under none it begins a trace.</summary>
    /// <returns>Never null: where nobody records, it still has the ids that run, log and problem document tell. Disposing ends it.</returns>
    public static Activity Begin(this ActivitySource source, string name, ActivityKind kind, ActivityContext parent, params ActivityLink[] links)
    {
        ArgumentNullException.ThrowIfNull(source);
        Activity.Current = null; // else it would be the parent of a span that has none
        return source.StartActivity(name, kind, parent, links: links) ?? Bare(name, parent);
    }

    private static Activity Bare(string name, ActivityContext parent)
    {
        var activity = new Activity(name) { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        if (parent != default) activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        return activity.Start();
    }
}
