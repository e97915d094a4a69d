using Throughline.Analysis.Tools;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents.Reports;

/// <summary>Writes the deterministic answer.</summary>
internal sealed class ReportWriter(ToolRunner tools, Intent intent, DataProfile? profile, IAgentRun run)
{
    public Draft Write()
    {
        _ = (profile, run);
        var text = "**These requests cost {{f:spend.total}} on {{t:assumed}} at list price.** From {{t:period}} that is {{f:spend.requests}} requests.";
        foreach (var model in intent.WhatIfModels.Where(model => tools.Facts.Has($"whatif.{model}.total")))
            text += $" On {model} the same requests cost {{{{f:whatif.{model}.total}}}}.";
        return new Draft([new DraftBlock(text)], [], []);
    }

    public Draft WriteFigures() => Write();
}
