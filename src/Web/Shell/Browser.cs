using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Throughline.Web.Shell;

/// <summary>What only the browser can do: its storage, clipboard, focus, uploads. The one door to <c>js/app.js</c>.</summary>
public sealed class Browser(IJSRuntime runtime)
{
    private IJSInProcessObjectReference? _module;

    private IJSInProcessObjectReference Module =>
        _module ?? throw new InvalidOperationException("The browser module is loaded before the first page renders.");

    public async Task StartAsync() =>
        _module = await runtime.InvokeAsync<IJSInProcessObjectReference>("import", "./js/app.js");

    public bool IsDark => Module.Invoke<bool>("isDark");

    public bool UsesCommandKey => Module.Invoke<bool>("usesCommandKey");

    /// <summary>The IANA name of the browser's time zone; it sets where a day begins.</summary>
    public string TimeZone => Module.Invoke<string>("timeZone");

    public string UserAgent => Module.Invoke<string>("userAgent");

    /// <value><c>light</c>, <c>dark</c> or <c>system</c>.</value>
    public string ChosenTheme => Module.Invoke<string>("chosenTheme");

    public void SetTheme(string name) => Module.InvokeVoid("setTheme", name);

    /// <summary>Calls <c>ReturnedAsync</c> whenever the user comes back to this window, until the returned object's <c>stop</c> is called.</summary>
    public IJSInProcessObjectReference OnReturn<T>(DotNetObjectReference<T> page) where T : class =>
        Module.Invoke<IJSInProcessObjectReference>("onReturn", page);

    public void OnShortcut<T>(DotNetObjectReference<T> shell) where T : class => Module.InvokeVoid("onShortcut", shell);

    public void Store(string key, string? value) => Module.InvokeVoid("store", key, value);

    public string? Recall(string key) => Module.Invoke<string?>("recall", key);

    public void AttachComposer<T>(ElementReference field, DotNetObjectReference<T> composer) where T : class =>
        Module.InvokeVoid("attachComposer", field, composer);

    public void SetText(ElementReference field, string text) => Module.InvokeVoid("setText", field, text);

    public void FocusOn(string selector) => Module.InvokeVoid("focusOn", selector);

    public void Focus(ElementReference element) => Module.InvokeVoid("focusElement", element);

    public bool IsAtEnd(ElementReference box) => Module.Invoke<bool>("isAtEnd", box);

    public void ScrollToEnd(ElementReference box) => Module.InvokeVoid("scrollToEnd", box);

    public void ScrollToRun(ElementReference box, string id) => Module.InvokeVoid("scrollToRun", box, id);

    public void OnScroll<T>(ElementReference box, DotNetObjectReference<T> page) where T : class => Module.InvokeVoid("onScroll", box, page);

    /// <summary>Keeps the source next to its figure until the returned object's <c>stop</c> is called.</summary>
    public IJSInProcessObjectReference KeepSourcePlaced<T>(ElementReference figure, ElementReference source, ElementReference lead, DotNetObjectReference<T> board)
        where T : class => Module.Invoke<IJSInProcessObjectReference>("keepSourcePlaced", figure, source, lead, board);

    public void OpenFigure(Guid factId) => Module.InvokeVoid("openFigure", factId.ToString());

    /// <summary>Listens for files dropped anywhere on the window. The returned object has <c>pick</c> and <c>stop</c>.</summary>
    public IJSInProcessObjectReference AttachFiles<T>(DotNetObjectReference<T> page) where T : class =>
        Module.Invoke<IJSInProcessObjectReference>("attachFiles", page);

    /// <returns>Status and body of the answer; status 0 where the network failed, -1 where the upload was cancelled.</returns>
    public async Task<(int Status, string Body)> UploadAsync<T>(int id, string address, string token, DotNetObjectReference<T> page) where T : class
    {
        var answer = await Module.InvokeAsync<JsonElement>("upload", id, address, token, page);
        return (answer.GetProperty("status").GetInt32(), answer.GetProperty("body").GetString()!);
    }

    public void CancelUpload(int id) => Module.InvokeVoid("cancelUpload", id);

    public ValueTask<bool> CopyAsync(string text) => Module.InvokeAsync<bool>("copy", text);

    /// <summary>Hands the user a file to save.</summary>
    public void Save(string name, string type, string text) => Module.InvokeVoid("save", name, type, text);
}
