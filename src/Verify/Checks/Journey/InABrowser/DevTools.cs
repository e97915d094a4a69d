using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Journey;

/// <summary>
/// A Chromium of this machine and one page in it, over the DevTools protocol. One journey needs a dozen of its commands; a browser library
/// would weigh more than everything else here.
/// </summary>
/// <remarks><see href="https://chromedevtools.github.io/devtools-protocol/"/></remarks>
internal sealed class DevTools : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(30);

    private readonly Process _process;
    private readonly string _profile;
    private readonly TimeProvider _time;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly ConcurrentQueue<string> _console = new();
    private readonly TaskCompletionSource<long> _chooser = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1);
    private Task _reading = Task.CompletedTask;
    private string? _session;
    private int _last;

    private DevTools(Process process, string profile, TimeProvider time) => (_process, _profile, _time) = (process, profile, time);

    /// <summary>What the page wrote to its console, and errors.</summary>
    public IReadOnlyList<string> Console => [.. _console.TakeLast(8)];

    /// <returns>The path of a Chromium; null where this machine has none.</returns>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))).FirstOrDefault(File.Exists);

    public static async Task<DevTools> OpenAsync(string program, TimeProvider time, CancellationToken cancellationToken)
    {
        var profile = Directory.CreateTempSubdirectory("throughline-browser-").FullName;
        var start = new ProcessStartInfo(program, [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
            "--window-size=1440,1000", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        var browser = new DevTools(Process.Start(start) ?? throw new NotJudged("the browser did not start"), profile, time);
        try
        {
            await browser.AttachAsync(cancellationToken);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonElement> SendAsync(string method, JsonObject? parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session is not null) command["sessionId"] = _session;
        var answer = _waiting[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken);
        }
        catch (WebSocketException) // a command that was cancelled halfway ends the connection, too
        {
            throw Gone();
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The value of an expression in the page; null where it has none, or the page is just changing.</summary>
    public async Task<JsonElement?> EvaluateAsync(string expression, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true }, cancellationToken);
        return answer.Find("result")?.Find("result")?.Find("value");
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task UntilAsync(string what, string expression, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        try
        {
            while (await EvaluateAsync($"!!({expression})", cancellationToken) is not { ValueKind: JsonValueKind.True }) await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the page never showed {what}");
        }
    }

    /// <summary>Types into a field as a person does: the page sees input events.</summary>
    public async Task TypeAsync(string selector, string text, CancellationToken cancellationToken)
    {
        var quoted = JsonValue.Create(selector).ToJsonString();
        await UntilAsync(selector, $"document.querySelector({quoted})", cancellationToken);
        await EvaluateAsync($"document.querySelector({quoted}).focus()", cancellationToken);
        await SendAsync("Input.insertText", new JsonObject { ["text"] = text }, cancellationToken);
        await UntilAsync($"{text} in {selector}", $"document.querySelector({quoted}).value === {JsonValue.Create(text).ToJsonString()}", cancellationToken);
    }

    /// <summary>Clicks the visible button, link or menu entry of this name.</summary>
    public async Task ClickAsync(string name, CancellationToken cancellationToken)
    {
        var find = $"[...document.querySelectorAll('button,a,[role=menuitem]')].find(e => e.getClientRects().length && !e.disabled && e.textContent.trim() === {JsonValue.Create(name).ToJsonString()})";
        await UntilAsync($"the button {name}", find, cancellationToken);
        await EvaluateAsync($"{find}.click()", cancellationToken);
    }

    /// <summary>Presses the mouse in the middle of an element, as a person does.</summary>
    public async Task PressAsync(string selector, CancellationToken cancellationToken)
    {
        var quoted = JsonValue.Create(selector).ToJsonString();
        await UntilAsync(selector, $"document.querySelector({quoted})?.offsetParent", cancellationToken);
        var place = (await EvaluateAsync($"(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector({quoted}).getBoundingClientRect())", cancellationToken))!.Value;
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await SendAsync("Input.dispatchMouseEvent", new JsonObject { ["type"] = type, ["x"] = place[0].GetDouble(), ["y"] = place[1].GetDouble(), ["button"] = "left", ["clickCount"] = 1 }, cancellationToken);
    }

    public async Task PressEnterAsync(CancellationToken cancellationToken)
    {
        foreach (var type in (string[])["keyDown", "keyUp"])
            await SendAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = "Enter", ["code"] = "Enter", ["text"] = type == "keyDown" ? "\r" : "", ["windowsVirtualKeyCode"] = 13 }, cancellationToken);
    }

    /// <summary>Presses what opens a file dialog, and chooses a file in its place.</summary>
    public async Task ChooseFileAsync(string button, string path, CancellationToken cancellationToken)
    {
        await SendAsync("Page.setInterceptFileChooserDialog", new JsonObject { ["enabled"] = true }, cancellationToken);
        var find = $"[...document.querySelectorAll('button,label')].find(e => e.offsetParent && e.textContent.includes({JsonValue.Create(button).ToJsonString()}))";
        await UntilAsync($"the button {button}", find, cancellationToken);
        await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"{find}.click()", ["userGesture"] = true }, cancellationToken);
        var field = await _chooser.Task.WaitAsync(cancellationToken);
        await SendAsync("DOM.setFileInputFiles", new JsonObject { ["backendNodeId"] = field, ["files"] = new JsonArray(path) }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _sending.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A helper of the browser is still ending; the system clears temporary folders.
        }
    }

    private async Task AttachAsync(CancellationToken cancellationToken)
    {
        // DevTools listening on ws://127.0.0.1:34567/devtools/browser/0d1…
        string? line;
        do line = await _process.StandardError.ReadLineAsync(cancellationToken) ?? throw new NotJudged("the browser ended at once");
        while (!line.Contains("ws://", StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None); // or its pipe fills up
        await _socket.ConnectAsync(new Uri(line[line.IndexOf("ws://", StringComparison.Ordinal)..].Trim()), cancellationToken);
        _reading = ReadAsync();
        var target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, cancellationToken);
        var attached = await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target.Member("result").Text("targetId"), ["flatten"] = true }, cancellationToken);
        _session = attached.Member("result").Text("sessionId");
        await SendAsync("Runtime.enable", null, cancellationToken);
        await SendAsync("Log.enable", null, cancellationToken);
        await SendAsync("Page.enable", null, cancellationToken);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close) return;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonElement.Parse(message.ToArray()));
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever waits for an answer is told below.
        }
        finally
        {
            foreach (var waiting in _waiting.Values) waiting.TrySetException(Gone());
        }
    }

    private static Refutation Gone() => new("the browser is gone");

    private void Take(JsonElement message)
    {
        if (message.Find("id") is { } id && _waiting.TryRemove(id.GetInt32(), out var waiting)) waiting.TrySetResult(message);
        else if (message.FindText("method") is "Page.fileChooserOpened") _chooser.TrySetResult(message.Member("params").Number("backendNodeId"));
        else if (message.FindText("method") is "Log.entryAdded") _console.Enqueue(message.Member("params").Member("entry").FindText("text") ?? "");
        else if (message.FindText("method") is "Runtime.exceptionThrown") _console.Enqueue(message.Member("params").Member("exceptionDetails").FindText("text") ?? "");
    }
}
