namespace Throughline.Analysis.Tools;

/// <summary>Every tool, by name.</summary>
public static class UsageTools
{
    public static IReadOnlyList<IUsageTool> All { get; } = [new SpendTotal(), new WhatIf()];

    public static IUsageTool? Find(string name) => All.FirstOrDefault(tool => tool.Name == name);
}
