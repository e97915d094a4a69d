using Throughline.Contracts.Files;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Counts refused rows and keeps the first few.</summary>
internal sealed class Refusals(int kept)
{
    private readonly List<RefusedRow> _first = [];

    public long Count { get; private set; }

    public void Add(long line, string reason)
    {
        Count++;
        if (_first.Count < kept)
        {
            _first.Add(new RefusedRow(line, reason));
        }
    }

    public RefusedRows ToContract() => new(Count, [.. _first]);
}
