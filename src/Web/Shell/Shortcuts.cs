using Microsoft.JSInterop;

namespace Throughline.Web.Shell;

/// <summary>Keys that work anywhere, by name: <c>search new-thread thread-above thread-below composer attach escape shortcuts</c>.</summary>
public sealed class Shortcuts(Browser browser) : IDisposable
{
    private DotNetObjectReference<Shortcuts>? _self;

    public event Func<string, Task>? Pressed;

    public void Listen()
    {
        if (_self is not null)
            return;
        _self = DotNetObjectReference.Create(this);
        browser.OnShortcut(_self);
    }

    [JSInvokable]
    public async Task ShortcutAsync(string name)
    {
        foreach (var handler in Pressed?.GetInvocationList().Cast<Func<string, Task>>() ?? [])
            await handler(name);
    }

    public void Dispose() => _self?.Dispose();
}
