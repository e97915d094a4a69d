using Microsoft.AspNetCore.Components;

namespace Throughline.Web.Figures;

/// <summary>Which figure's source is open. At most one is.</summary>
public sealed class FigureBoard
{
    public event Action? Changed;

    public OpenFigure? Open { get; private set; }

    /// <summary>Whether the pointer is on the open source, which then stays.</summary>
    public bool IsPointedAt { get; set; }

    /// <summary>Shows a source; pinned, it takes the focus and stays until it is closed.</summary>
    public void Show(OpenFigure figure)
    {
        Open = figure;
        Changed?.Invoke();
    }

    /// <summary>Shows an operand's source in the place of the figure that is open.</summary>
    public void Follow(Guid factId, string text)
    {
        if (Open is { } open)
            Show(open with { FactId = factId, Text = text, IsPinned = true });
    }

    public void Close()
    {
        if (Open is null)
            return;
        Open = null;
        IsPointedAt = false;
        Changed?.Invoke();
    }
}

/// <param name="Anchor">The reference that was used, where the source is drawn and focus returns to.</param>
/// <param name="AnchorId">Tells two references to the same fact apart.</param>
public sealed record OpenFigure(Guid FactId, string Text, ElementReference Anchor, object AnchorId, bool IsPinned);
