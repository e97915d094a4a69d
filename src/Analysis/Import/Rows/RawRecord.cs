namespace Throughline.Analysis.Import.Rows;

/// <summary>One source row with its values sorted by meaning: bytes of UTF-8, not yet understood. Reused from row to row.</summary>
internal sealed class RawRecord
{
    private struct Slot
    {
        public int Start, Length, Rank;
        public string? Name;
    }

    private readonly Slot[] _slots = new Slot[UsageFields.Count];
    private byte[] _bytes = new byte[4096];
    private int _used;

    /// <summary>Line or element in the source, from 1.</summary>
    public long Line { get; set; }

    public void Clear()
    {
        Array.Clear(_slots);
        _used = 0;
    }

    /// <summary>Keeps a value; where several columns mean the same, the lowest rank that is not empty stays.</summary>
    public void Set(UsageField field, int rank, string name, ReadOnlySpan<byte> value)
    {
        ref var slot = ref _slots[(int)field];
        if (slot.Name is not null && slot.Length > 0 && (value.IsEmpty || slot.Rank <= rank))
        {
            return;
        }

        if (_used + value.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + value.Length));
        }

        value.CopyTo(_bytes.AsSpan(_used));
        slot = new Slot { Start = _used, Length = value.Length, Rank = rank, Name = name };
        _used += value.Length;
    }

    /// <summary>Whether the value is there and not empty.</summary>
    public bool Has(UsageField field) => _slots[(int)field].Length > 0;

    public ReadOnlySpan<byte> this[UsageField field]
    {
        get
        {
            ref var slot = ref _slots[(int)field];
            return _bytes.AsSpan(slot.Start, slot.Length);
        }
    }

    public bool IsEmptyThroughout => _used == 0;

    /// <summary>The value's column as the source spells it.</summary>
    public string NameOf(UsageField field) => _slots[(int)field].Name ?? field.ToString();

    /// <summary>Takes over another record's values: what a bucket or a resource says of all its rows.</summary>
    public void CopyFrom(RawRecord other)
    {
        Clear();
        for (var i = 0; i < _slots.Length; i++)
        {
            if (other._slots[i] is { Name: { } name } slot)
            {
                Set((UsageField)i, slot.Rank, name, other._bytes.AsSpan(slot.Start, slot.Length));
            }
        }
    }
}
