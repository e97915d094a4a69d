using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Throughline.Backend.Limits;
using Throughline.Backend.Runs;

namespace Throughline.Backend.Overload;

/// <summary>Turns work away before the node chokes on it: figures first, then history, questions last.</summary>
internal sealed class LoadShedder
{
    private readonly RunsAtWork _runs;
    private readonly OverloadOptions _options;
    private readonly Counter<long> _shed;
    private int _requests;

    public LoadShedder(RunsAtWork runs, IOptions<OverloadOptions> options, IMeterFactory meters)
    {
        (_runs, _options) = (runs, options.Value);
        var meter = meters.Create("Throughline.Backend");
        _shed = meter.CreateCounter<long>("backend.load.shed", description: "Work that was turned away because the node was busy.");
        meter.CreateObservableGauge("backend.load", () => Load, description: "How full the node is: 1 is full.");
    }

    /// <summary>How full the node is; 1 is full.</summary>
    public double Load => Math.Max((double)Volatile.Read(ref _requests) / _options.RequestsAtOnce, (double)_runs.Count / _options.RunsAtOnce);

    /// <summary>Whether this kind of work is turned away now.</summary>
    public bool Sheds(Work work)
    {
        var from = work switch
        {
            Work.Analytics or Work.Upload or Work.Search => _options.AnalyticsFrom,
            Work.History or Work.Export => _options.HistoryFrom,
            Work.Ask => 1,
            // What ends work, or takes next to none, is never in the way.
            Work.Exempt or Work.Socket or Work.Other => double.PositiveInfinity,
        };
        if (Load < from) return false;
        _shed.Add(1, new KeyValuePair<string, object?>("work", work.ToString().ToLowerInvariant()));
        return true;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var work = RouteWork.Of(context);
        if (Sheds(work))
        {
            await OverloadProblems.Busy(context.Response, work).ExecuteAsync(context);
            return;
        }

        // Uploads have places of their own; a question's answer streams for as long as its run is at work, which is counted.
        var isCounted = work is Work.Analytics or Work.Search or Work.History or Work.Export;
        if (isCounted) Interlocked.Increment(ref _requests);
        try
        {
            await next(context);
        }
        finally
        {
            if (isCounted) Interlocked.Decrement(ref _requests);
        }
    }
}
