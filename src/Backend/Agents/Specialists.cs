using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents;

/// <summary>Sends a question to the specialists that it needs, and to no others.</summary>
internal sealed class Specialists(IAgentRun run, RunWriter writer, ToolRunner tools, Intent intent, DataProfile profile)
{
    public async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (intent.Asks(Topic.Greeting) || intent.Asks(Topic.OutOfScope)) return;
        await StageAsync("data", "Reads the usage data", DataAsync, cancellationToken);
        if (intent.WhatIfModels.Count > 0)
            await StageAsync("optimisation", "Prices other ways to do the same work", OptimiseAsync, cancellationToken);
    }

    private Task<bool> StageAsync(string name, string description, Func<string, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        writer.StageAsync(name, async () =>
        {
            await writer.SpecialistAsync(name, description, id => work(id, cancellationToken), cancellationToken);
            return true;
        }, cancellationToken);

    private async Task DataAsync(string id, CancellationToken cancellationToken)
    {
        await tools.CallAsync("spend_total", "spend_total", new ToolArguments(intent.Scope), id, cancellationToken);
        _ = (run, profile);
    }

    private async Task OptimiseAsync(string id, CancellationToken cancellationToken)
    {
        foreach (var model in intent.WhatIfModels)
            await tools.CallAsync("what_if." + model, "what_if_model", new WhatIfArguments(intent.Scope, model), id, cancellationToken);
    }
}
