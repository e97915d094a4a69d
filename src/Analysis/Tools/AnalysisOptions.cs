using System.ComponentModel.DataAnnotations;

namespace Throughline.Analysis.Tools;

/// <summary>What one analysis may use. Configuration section <c>Analysis</c>.</summary>
public sealed class AnalysisOptions
{
    /// <summary>Most memory that one run's analysis may hold; beyond it, it spills to a temporary folder.</summary>
    /// <value>64 to 65,536 MB. Default: 256.</value>
    [Range(64, 65_536)]
    public int MemoryMb { get; set; } = 256;

    /// <summary>Most disk that one run's analysis may spill to.</summary>
    /// <value>0 to 1,048,576 MB. Default: 4,096.</value>
    [Range(0, 1_048_576)]
    public int SpillMb { get; set; } = 4_096;

    /// <summary>Most threads of one analysis; small files are read by one.</summary>
    /// <value>1 to 64. Default: 2.</value>
    [Range(1, 64)]
    public int Threads { get; set; } = 2;

    /// <summary>Longest that one tool may take before the answer goes on without it.</summary>
    /// <value>100 ms to 10 minutes. Default: 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
