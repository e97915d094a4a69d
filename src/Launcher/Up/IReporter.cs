using Throughline.Launcher.Stack;

namespace Throughline.Launcher.Up;

/// <summary>Shows a stack's progress: as a table on a terminal, as lines in a pipe, as JSON for programs.</summary>
internal interface IReporter : IDisposable
{
    void Report(StackEvent @event);
}
