using Throughline.Testing;
using Throughline.Verify.Looks;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>What the runtime writes as the last of a process, told from what loggers write.</summary>
public sealed class ReadingLastWords : IDisposable
{
    private static readonly DateTimeOffset StartedAt = DateTimeOffset.Parse("2026-01-01T12:00:10Z", System.Globalization.CultureInfo.InvariantCulture);
    private readonly TestState _state = new("throughline-words");

    [Theory]
    [InlineData("2026-01-01T12:00:09.500Z Out of memory.", "Out of memory.")]
    [InlineData("2026-01-01T12:00:09.500Z Unhandled exception. System.IO.IOException: Too many open files", "Unhandled exception. System.IO.IOException: Too many open files")]
    [InlineData("2026-01-01T12:00:09.500Z fail: Throughline.Backend[1] Unhandled exception. System.OutOfMemoryException", null)] // a logger's
    [InlineData("2026-01-01T11:59:00.000Z Out of memory.", null)] // of another end, long ago
    [InlineData("2026-01-01T12:00:11.000Z Out of memory.", null)] // of the process itself
    [InlineData("Out of memory.", null)] // nobody knows when
    public void Belong_to_the_process_that_ended_just_before(string line, string? expected)
    {
        Directory.CreateDirectory(_state.PathOf("logs"));
        File.WriteAllLines(_state.PathOf("logs", "backend.log"), ["2026-01-01T12:00:00.000Z info: Throughline.X[1] well", line, "2026-01-01T12:00:12.000Z info: Throughline.X[1] backend is ready at http://127.0.0.1:8000/"]);

        Assert.Equal(expected, LastWord.DeathBefore(_state.Root, "backend", StartedAt));
    }

    public void Dispose() => _state.Dispose();
}
