using Throughline.ServiceDefaults;
using Throughline.Verify.Reports;

namespace Throughline.Launcher.Verify;

/// <summary>Where reports and the history of runs go: <c>--out</c>, else <c>verify/</c> of the state folder, else the working folder.</summary>
internal sealed class ReportFolder(string? output, string? stateRoot)
{
    private readonly string _path = output ?? (stateRoot is null ? "." : Path.Combine(stateRoot, "verify"));

    /// <summary>Without a folder of its own a run leaves nothing behind but what was asked for.</summary>
    public bool KeepsHistory => output is not null || stateRoot is not null;

    public History History => new(Path.Combine(_path, History.Name));

    /// <summary>The last reports, whole: what the Proof page shows.</summary>
    public KeptReports Kept => new(Path.Combine(_path, "runs"));

    public string PathOf(string name)
    {
        Directory.CreateDirectory(_path);
        return Path.GetFullPath(Path.Combine(_path, name));
    }
}
