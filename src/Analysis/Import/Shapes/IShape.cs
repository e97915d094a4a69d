using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>How a file lays out its rows: as a table, as lines of JSON, as one JSON document.</summary>
internal interface IShape
{
    /// <summary>Names of the first rows' values, for recognising the format.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Reads all rows, in file order.</summary>
    void Read(Stream text, SourceColumns columns, RowSink sink);
}
