using Microsoft.AspNetCore.Components;
using Throughline.Web.Shell;

namespace Throughline.Web.Threads;

/// <summary>One question and its answer, from the stages to the follow-ups.</summary>
public sealed partial class RunCard
{
    private bool _showsTools;

    [Parameter, EditorRequired] public RunView Run { get; set; } = default!;

    [Parameter] public bool IsLatest { get; set; }

    /// <summary>Whether the card is as high as the window, so that its question can stand at the top while the answer grows.</summary>
    [Parameter] public bool HoldsPlace { get; set; }

    [Parameter] public string? AskedBy { get; set; }

    [Parameter, EditorRequired] public Func<string, Task<Failure?>> OnAsk { get; set; } = default!;

    [Parameter, EditorRequired] public Func<string, bool, Task<Failure?>> OnAnswer { get; set; } = default!;

    // While there is no text yet, the tool calls are what there is to see.
    private bool ShowsToolsLive => Run.Status == RunStatus.Running && Run.Blocks.Count == 0 && Run.ToolCalls.Count > 0;

    private string? Summary => Run.Status switch
    {
        RunStatus.Completed or RunStatus.Partial => $"Answered in {Words.Seconds(Run.ElapsedMs)}",
        RunStatus.Running when Run.Blocks.Count > 0 => $"Writing the answer, {Words.LiveSeconds(Run.ElapsedMs)}",
        _ => null,
    };

    private string PartialReason => string.Join(" ",
        Run.ToolCalls.Where(call => call.State == ToolCallState.Failed).Select(call => $"The tool {call.Name} did not answer: {call.Error}"));

    protected override void OnInitialized() => Files.Changed += Redraw;

    public void Dispose() => Files.Changed -= Redraw;

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private async Task AgainAsync()
    {
        if (await OnAsk(Run.Question) is { } failure)
            Toasts.Show("The question was not sent.", failure.Sentence, isGood: false);
    }
}
