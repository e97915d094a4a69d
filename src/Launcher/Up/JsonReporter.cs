using System.Text.Json;
using Throughline.Launcher.Stack;

namespace Throughline.Launcher.Up;

internal sealed class JsonReporter(TextWriter output) : IReporter
{
    private readonly Lock _gate = new();

    public void Report(StackEvent @event)
    {
        lock (_gate)
        {
            output.WriteLine(JsonSerializer.Serialize(@event, LauncherJson.Default.StackEvent));
            output.Flush();
        }
    }

    public void Dispose()
    {
    }
}
