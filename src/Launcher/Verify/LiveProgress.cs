using System.Globalization;
using Spectre.Console;
using Throughline.Verify;

namespace Throughline.Launcher.Verify;

/// <summary>Says what goes on: each failure the moment it is found, and on a terminal a line that counts.</summary>
internal sealed class LiveProgress(IAnsiConsole console, TimeProvider time) : IVerifyProgress, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly bool _isTerminal = console.Profile.Capabilities.Interactive && !Console.IsErrorRedirected;
    private int _done;
    private bool _hasLine;

    public void Phase(string what)
    {
        lock (_gate) WriteLine($"{Elapsed()}  {what}");
    }

    public void Found(Finding finding)
    {
        lock (_gate)
        {
            _done++;
            if (finding.Verdict is Verdict.Failed or Verdict.Crashed) WriteLine($"{Elapsed()}  {finding.Verdict.ToString().ToUpperInvariant()}  {finding.Id}: {finding.Reason}");
            if (!_isTerminal) return;
            Console.Error.Write($"\r\e[K{Elapsed()}  {_done} assertions · {finding.Id}");
            _hasLine = true;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate) ClearLine();
        return ValueTask.CompletedTask;
    }

    private void WriteLine(string text)
    {
        ClearLine();
        Console.Error.WriteLine(text);
    }

    private void ClearLine()
    {
        if (_hasLine) Console.Error.Write("\r\e[K");
        _hasLine = false;
    }

    private string Elapsed() => string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,5:0.0} s");
}
