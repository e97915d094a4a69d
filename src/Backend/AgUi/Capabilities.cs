namespace Throughline.Backend.AgUi;

/// <summary>AG-UI's <c>AgentCapabilities</c>: what is said here is true; what is left out is not declared.</summary>
internal sealed record Capabilities(
    Identity Identity, Transport Transport, Tools Tools, Output Output, State State, MultiAgent MultiAgent, Execution Execution, HumanInTheLoop HumanInTheLoop)
{
    public static Capabilities Own { get; } = new(
        new Identity("Throughline", "analyst", "Answers questions about AI spend, with figures that can be traced to the rows they came from.", "0.1.0"),
        new Transport(Streaming: true, Websocket: true, HttpBinary: false, PushNotifications: false, Resumable: true),
        new Tools(Supported: true, ParallelCalls: false, ClientProvided: false),
        new Output(StructuredOutput: false, SupportedMimeTypes: ["text/markdown"]),
        new State(Snapshots: false, Deltas: false, Memory: true, PersistentState: true),
        new MultiAgent(Supported: true, Delegation: true, Handoffs: false),
        new Execution(CodeExecution: false, Sandboxed: true),
        new HumanInTheLoop(Supported: true, Interrupts: true));
}

internal sealed record Identity(string Name, string Type, string Description, string Version);

internal sealed record Transport(bool Streaming, bool Websocket, bool HttpBinary, bool PushNotifications, bool Resumable);

internal sealed record Tools(bool Supported, bool ParallelCalls, bool ClientProvided);

internal sealed record Output(bool StructuredOutput, IReadOnlyList<string> SupportedMimeTypes);

internal sealed record State(bool Snapshots, bool Deltas, bool Memory, bool PersistentState);

internal sealed record MultiAgent(bool Supported, bool Delegation, bool Handoffs);

internal sealed record Execution(bool CodeExecution, bool Sandboxed);

internal sealed record HumanInTheLoop(bool Supported, bool Interrupts);
