namespace Throughline.Web.Shell;

/// <summary>One short notice at a time, for what happened elsewhere and needs no answer.</summary>
public sealed class Toasts
{
    public event Action? Changed;

    public Toast? Current { get; private set; }

    public void Show(string title, string? detail = null, bool isGood = true)
    {
        Current = new Toast(title, detail, isGood);
        Changed?.Invoke();
    }

    public void Dismiss(Toast toast)
    {
        if (!ReferenceEquals(Current, toast))
            return;
        Current = null;
        Changed?.Invoke();
    }
}

public sealed record Toast(string Title, string? Detail, bool IsGood);
