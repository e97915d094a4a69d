using System.Net;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Faults;

/// <summary>
/// Something that is broken on purpose in a stack that is thrown away, from outside: files, settings, signals, sockets. The product has
/// no hook for it.
/// </summary>
/// <param name="name">As <c>--fault</c> takes it.</param>
/// <param name="family">One of the families of the specification.</param>
/// <param name="sentence">What is done, in the present tense.</param>
internal abstract class Fault(string name, string family, string sentence)
{
    public string Name { get; } = name;

    public string Family { get; } = family;

    public string Sentence { get; } = sentence;

    /// <summary>The cause that must be found: <c>component.fault</c>; <c>a|b</c> where it depends on the machine to which of them it comes. Null for a control, which must change nothing.</summary>
    public string? Expected { get; init; }

    /// <summary>What else the verdict must say; answers with what is wrong with it. Null: the cause is all.</summary>
    public Func<VerifyResult, string?>? AlsoWrong { get; init; }

    /// <summary>Numbers of the checks that are run while it is there.</summary>
    public IReadOnlyList<int> Checks { get; init; } = [1, 2];

    /// <summary>Whether the stack signs with a shared secret.</summary>
    public bool NeedsSharedSecret { get; init; }

    /// <summary>Whether it is there before the stack starts, and keeps it from starting.</summary>
    public bool IsAtStart { get; init; }

    /// <summary>What <c>up</c> is given in addition, for one that is there at the start.</summary>
    public IReadOnlyList<string> StartArguments { get; init; } = [];

    /// <summary>Whether it takes hold of what all stacks of the machine share: no other stack is there meanwhile.</summary>
    public bool IsAlone { get; init; }

    /// <summary>What it takes hold of, such as <c>auth.settings</c>: two faults with different ones can be there together. Null: it stays alone.</summary>
    public string? Resource { get; init; }

    public bool IsControl => Expected is null;

    /// <summary>Breaks it. Whatever is changed is noted in the journal first.</summary>
    public abstract Task InjectAsync(Rig rig, CancellationToken cancellationToken);

    /// <summary>The oracle: whether the fault is in effect, found out otherwise than by the checks.</summary>
    public abstract Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken);
}

/// <summary>A fault whose two halves say themselves.</summary>
internal sealed class SimpleFault(
    string name, string family, string sentence, Func<Rig, CancellationToken, Task> inject, Func<Rig, CancellationToken, Task<bool>> isThere) : Fault(name, family, sentence)
{
    public override Task InjectAsync(Rig rig, CancellationToken cancellationToken) => inject(rig, cancellationToken);

    public override Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) => isThere(rig, cancellationToken);
}

/// <summary>One service is told something wrong by its settings, and started again.</summary>
/// <param name="settings">JSON in the shape of appsettings.json.</param>
internal sealed class SettingFault(
    string name, string family, string sentence, string service, Func<Rig, string> settings, Func<Rig, CancellationToken, Task<bool>> isThere) : Fault(name, family, sentence)
{
    /// <summary>Whether the service cannot start with it.</summary>
    public bool StopsIt { get; init; }

    public override async Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        rig.Settings(service, settings(rig));
        if (!IsAtStart) await rig.RestartAsync(service, comesBack: !StopsIt, cancellationToken);
    }

    public override Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) => isThere(rig, cancellationToken);
}

/// <summary>A process is stopped as by a debugger: it keeps its sockets and does nothing.</summary>
internal sealed class StoppedProcess(string name, string service) : Fault(name, "process", $"The process of {service} is stopped (SIGSTOP)")
{
    public override Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        rig.Signal(rig.PidOf(service), "STOP");
        return Task.CompletedTask;
    }

    public override Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) => Task.FromResult(ProcessIdentity.StateOf(rig.PidOf(service)) == "T");
}

/// <summary>The discovery record of the backend is not what the backend wrote, and stays so.</summary>
/// <param name="change">The text of the record, by what the backend wrote; null removes it.</param>
internal sealed class WrongRecord(string name, string sentence, Func<Rig, Contracts.Discovery.DiscoveryRecord, string?> change) : Fault(name, "discovery", sentence)
{
    private string? _text;

    public override Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        _text = change(rig, rig.RecordOf("backend"));
        rig.PinRecord("backend", _text);
        return Task.CompletedTask;
    }

    public override Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken)
    {
        var path = rig.RecordPathOf("backend");
        return Task.FromResult(_text is null ? !File.Exists(path) : File.Exists(path) && File.ReadAllText(path) == _text);
    }
}

/// <summary>Files that a service reads when it starts are changed while it runs.</summary>
internal sealed class NextStart(string name, string sentence, Action<Rig> change, Func<Rig, bool> isChanged) : Fault(name, "next-start", sentence)
{
    /// <summary>Whether the checks kill it, so that it keeps ending until the fault is undone.</summary>
    public bool IsKilled { get; init; }

    public override Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        change(rig);
        if (IsKilled) rig.StartAnew();
        return Task.CompletedTask;
    }

    public override Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) => Task.FromResult(isChanged(rig));
}

/// <summary>The backend is told that auth is where a proxy listens.</summary>
/// <param name="comesBack">Whether the backend is ready with it.</param>
internal sealed class BetweenBackendAndAuth(string name, string family, string sentence, ProxyBehaviour behaviour, bool comesBack) : Fault(name, family, sentence)
{
    private FaultProxy? _proxy;

    public override async Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        _proxy = rig.Proxy(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, rig.PortOf("auth")), behaviour);
        rig.Settings("backend", $$"""{ "Services": { "auth": "http://127.0.0.1:{{_proxy.EndPoint.Port}}" } }""");
        await rig.RestartAsync("backend", comesBack, cancellationToken);
    }

    public override async Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) =>
        _proxy is { IsOpen: true, Seen: > 0 } && !await Oracles.IsDownAsync(rig, "backend");
}

/// <summary>Something stands in front of a service, at an address of its own which the discovery record names.</summary>
internal sealed class InFront(
    string name, string family, string sentence, string service, Func<Rig, ProxyBehaviour> behaviour, Func<Rig, CancellationToken, Task<bool>> isThere) : Fault(name, family, sentence)
{
    public override Task InjectAsync(Rig rig, CancellationToken cancellationToken)
    {
        rig.Front(service, behaviour(rig));
        return Task.CompletedTask;
    }

    /// <summary>Nobody is sent there once the record names the service itself again.</summary>
    public override async Task<bool> IsThereAsync(Rig rig, CancellationToken cancellationToken) => rig.RecordOf(service).Host == Rig.FrontHost && await isThere(rig, cancellationToken);
}
