namespace Throughline.Analysis.Import.Sources;

/// <summary>Splits one JSON document into the elements of its list, without holding the document.</summary>
/// <remarks>
/// <c>[ {…}, {…} ]</c> or <c>{ "object": "page", "data": [ {…}, {…} ] }</c>: elements are the objects in the outermost list. Only
/// brackets and strings are looked at here; each element is parsed by whoever takes it.
/// </remarks>
internal sealed class ElementReader(ByteWindow window, int longest)
{
    private int _start, _length, _listDepth = -1, _depth;

    public long Number { get; private set; }

    public bool IsTooLong { get; private set; }

    /// <summary>Whether the document ended before its brackets closed.</summary>
    public bool IsCut { get; private set; }

    public ReadOnlySpan<byte> Element => window.Buffer.AsSpan(_start, _length);

    public bool Read()
    {
        IsTooLong = false;
        var at = 0;             // looked at up to here, from window.Start
        var elementAt = -1;     // where the current element begins, from window.Start
        var isInString = false;
        while (true)
        {
            var rest = window.Unread[at..];
            var next = isInString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny("\"{}[]"u8);
            if (next < 0 || (isInString && rest[next] == '\\' && next + 1 >= rest.Length))
            {
                at += next < 0 ? rest.Length : next;
                if (!MakeRoom(ref at, ref elementAt))
                {
                    IsCut = _depth > 0;
                    return false;
                }

                continue;
            }

            at += next + 1;
            switch (rest[next])
            {
                case (byte)'\\':
                    at++;
                    break;
                case (byte)'"':
                    isInString = !isInString;
                    break;
                case (byte)'{' or (byte)'[':
                    if (rest[next] == '[' && _listDepth < 0)
                    {
                        _listDepth = _depth + 1;
                    }
                    else if (rest[next] == '{' && _depth == _listDepth)
                    {
                        elementAt = at - 1;
                    }

                    _depth++;
                    break;
                default:
                    _depth--;
                    if (_depth == _listDepth && elementAt >= 0 && rest[next] == '}')
                    {
                        (_start, _length) = (window.Start + elementAt, IsTooLong ? 0 : at - elementAt);
                        window.Start += at;
                        Number++;
                        return true;
                    }

                    // A list that holds no objects was not the one; a later one may be.
                    _listDepth = _depth < _listDepth && Number == 0 ? -1 : _listDepth;
                    break;
            }
        }
    }

    private bool MakeRoom(ref int at, ref int elementAt)
    {
        if (elementAt >= 0 && at - elementAt > longest)
        {
            IsTooLong = true;
        }

        var keepFrom = elementAt < 0 || IsTooLong ? at : elementAt;
        window.Start += keepFrom;
        at -= keepFrom;
        elementAt = elementAt < 0 ? -1 : 0;
        return window.Fill();
    }
}
