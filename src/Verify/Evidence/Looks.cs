using System.Globalization;
using System.Net;

namespace Throughline.Verify;

/// <summary>A service's process and its sockets as the operating system sees them, and what its address answers.</summary>
/// <param name="Pid">As the launcher noted it last; absent where it noted none.</param>
/// <param name="IsAlive">Whether that process lives now.</param>
/// <param name="StartedAt">When it was started, by the launcher's note.</param>
/// <param name="States">The kernel's letter at several looks, a tenth of a second apart, e.g. <c>T</c>: stopped.</param>
/// <param name="LaterPids">Pids that the launcher noted while it was looked.</param>
/// <param name="Ports">On which the process listens.</param>
/// <param name="DirectUrl">Where the process itself answers; absent where it does not.</param>
/// <param name="DirectFailure">How its own port failed, where it listens and does not answer.</param>
/// <param name="OpenFiles">Descriptors that it holds, of <paramref name="MaxFiles"/> that it may.</param>
/// <param name="MostFiles">To what that may be raised without privileges: the hard limit.</param>
/// <param name="RecordHolder">Who gets the connections to the address that its record names, where that is another process.</param>
/// <param name="Told">The one line with which its last start ended, where it is not running.</param>
/// <param name="IsLauncherAlive">Whether the launcher lives, which would start it again.</param>
/// <param name="LauncherState">The kernel's letter for the launcher.</param>
/// <param name="DiedOf">What the runtime wrote as the last of the process before this one, where that ended just before.</param>
/// <param name="Barred">How a connection to the address of its record failed, though it listens there and none waits for it.</param>
public sealed record ServiceLook(
    DateTimeOffset At, string Service, int? Pid, bool IsAlive, IReadOnlyList<string> States, IReadOnlyList<int> LaterPids, IReadOnlyList<int> Ports, string? DirectUrl,
    ExchangeFailure? DirectFailure, int? OpenFiles, int? MaxFiles, int? MostFiles, int? RecordHolderPid, string? RecordHolder, string? Told, int? LauncherPid, bool IsLauncherAlive,
    string? LauncherState, DateTimeOffset? StartedAt = null, string? DiedOf = null, ExchangeFailure? Barred = null) : EvidenceItem(At);

/// <summary>A time during the run in which a process was stopped: it held its sockets and did nothing.</summary>
/// <param name="At">When that began.</param>
/// <param name="Ended">When it went on, or ended; absent where it was still stopped.</param>
public sealed record PauseLook(DateTimeOffset At, string Service, int Pid, DateTimeOffset? Ended) : EvidenceItem(At)
{
    internal string InWords => string.Create(CultureInfo.InvariantCulture, $"from {At:HH:mm:ss}{(Ended is { } ended ? $" to {ended:HH:mm:ss}" : " on")}");
}

/// <summary>What a control group, which is what a container is made of, kept from a service's process while the checks ran.</summary>
/// <param name="Group">Where it lies below the folder of all groups.</param>
/// <param name="Limit">What of: <see cref="Processor"/>, <see cref="Memory"/>, <see cref="Threads"/> or <see cref="Frozen"/>.</param>
/// <param name="Most">What it may use: cores, bytes or threads.</param>
/// <param name="Share">Of its periods, in which it had used its processor time up.</param>
/// <param name="Times">How often the kernel ended a process of it for want of memory, or refused it a thread.</param>
public sealed record GroupLook(DateTimeOffset At, string Service, int Pid, string Group, string Limit, double? Most = null, double? Share = null, long? Times = null) : EvidenceItem(At)
{
    public const string Processor = "cpu";
    public const string Memory = "memory";
    public const string Threads = "pids";
    public const string Frozen = "frozen";

    internal string InWords => Limit switch
    {
        Processor => string.Create(CultureInfo.InvariantCulture, $"may use {Most:0.##} {(Most == 1 ? "core" : "cores")}, and had used that up in {Share * 100:0} % of its periods"),
        Memory => string.Create(CultureInfo.InvariantCulture, $"may use {Most / (1024 * 1024):0} MiB, and the kernel ended a process of it for want of more{Often}"),
        Threads => string.Create(CultureInfo.InvariantCulture, $"may have {Most} threads, and was refused another{Often}"),
        _ => "is frozen",
    };

    private string Often => Times > 1 ? $", {Times} times" : "";
}

/// <summary>The key-value store, asked with this state's password to keep a key for a second.</summary>
/// <param name="Answers">Whether it did.</param>
/// <param name="Error">What it answered instead, or how the connection failed.</param>
/// <param name="IsOperators">Whether it is the operator's own Redis.</param>
/// <param name="ElapsedMs">How long it took, the median of several.</param>
public sealed record StoreLook(DateTimeOffset At, string Address, bool Answers, ExchangeFailure? Failure, string? Error, double ElapsedMs, bool IsOperators = false) : EvidenceItem(At);

/// <summary>A database file as the file system sees it.</summary>
/// <param name="IsDatabase">Whether it begins as SQLite's files do; absent where there is none.</param>
/// <param name="Holder">Another process that holds the lock for writing.</param>
/// <param name="Deleted">Where the service still holds a file that was deleted there, such as <c>/proc/71/fd/12</c>.</param>
public sealed record DatabaseLook(
    DateTimeOffset At, string Service, string Path, bool Exists, bool? IsDatabase, bool CanBeWritten, long FreeBytes, int? HolderPid, string? Holder, string? Deleted = null) : EvidenceItem(At);

/// <summary>The same thing asked twice: at the address that clients are given, and at the process itself.</summary>
/// <param name="Given">What came back there.</param>
/// <param name="Direct">What came back here.</param>
public sealed record DirectLook(DateTimeOffset At, string Service, string What, string GivenUrl, string DirectUrl, string Given, string Direct) : EvidenceItem(At)
{
    /// <summary>Who holds the address that clients are given, by the operating system.</summary>
    public string? Holder { get; init; }

    public bool Differs => Given != Direct;
}

/// <summary>The clock that a service's answer shows, against ours.</summary>
public sealed record ClockLook(DateTimeOffset At, string Service, double AheadSeconds) : EvidenceItem(At)
{
    /// <summary>What tokens allow (protocol §2), and so how far clocks may be apart.</summary>
    public const double AllowedSeconds = 5;

    /// <summary>A date in an answer has whole seconds, and may be a second old: it stands for all of the time that it may have meant.</summary>
    public static TimeSpan Ahead(DateTimeOffset date, DateTimeOffset now) =>
        date > now ? date - now
        : date + TimeSpan.FromSeconds(2) < now ? date + TimeSpan.FromSeconds(2) - now
        : TimeSpan.Zero;
}

/// <summary>Circuit breakers as the service tells them.</summary>
public sealed record BreakerLook(DateTimeOffset At, string Service, IReadOnlyDictionary<string, string> States) : EvidenceItem(At);

/// <summary>How busy the machine is, and what room it has.</summary>
public sealed record MachineLook(DateTimeOffset At, int Cores, double? Load, long? FreeBytes) : EvidenceItem(At);

/// <summary>Where a name that stands in an address leads on this machine.</summary>
/// <param name="Addresses">None where it leads nowhere.</param>
public sealed record NameLook(DateTimeOffset At, string Host, IReadOnlyList<string> Addresses, string? Error = null) : EvidenceItem(At)
{
    /// <summary>Why whoever asks by this name does not come to where it belongs; null where nothing is known against it.</summary>
    public string? Wrong =>
        Addresses.Count == 0 ? $"this machine knows no address of {Host} ({Error})"
        : Host == "localhost" && !Addresses.All(a => IPAddress.IsLoopback(IPAddress.Parse(a))) ? $"on this machine {Host} leads to {string.Join(", ", Addresses)}, and not to itself"
        : null;
}
