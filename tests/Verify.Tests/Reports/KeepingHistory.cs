using Throughline.Testing;
using Throughline.Verify.Reports;

namespace Throughline.Verify.Tests.Reports;

public sealed class KeepingHistory : IDisposable
{
    private readonly TestState _state = new("throughline-history");

    [Fact]
    public void A_line_for_which_there_was_no_room_takes_no_later_one_along()
    {
        var (path, first, second) = (_state.PathOf(History.Name), Entry(), Entry());
        var history = new History(path);
        history.Add(first);
        File.AppendAllText(path, """{"id":"01a2""");
        history.Add(second);

        Assert.Equal([first.Id, second.Id], history.Read().Select(e => e.Id));
    }

    public void Dispose() => _state.Dispose();

    private static HistoryEntry Entry() => new(
        Guid.CreateVersion7(), DateTimeOffset.UnixEpoch, "a target", VerifyExit.Working, 1, 1, 0, 0, new Dictionary<string, StepState>(), new Dictionary<string, string>());
}
