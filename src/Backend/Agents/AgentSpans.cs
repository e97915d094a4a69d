using System.Diagnostics;

namespace Throughline.Backend.Agents;

/// <summary>Spans of what agents do, named as OpenTelemetry's conventions for generative AI name them. What was asked and answered is in none of them.</summary>
/// <remarks>Source: <see href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/"/>. A step that a resumed run finds in its journal is not computed, and has no span.</remarks>
internal static class AgentSpans
{
    public static readonly ActivitySource Source = new("Throughline.Backend.Agents");

    /// <summary>A specialist at work.</summary>
    public static Activity? Agent(string name) =>
        Source.StartActivity($"invoke_agent {name}")?.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.agent.name", name);

    /// <summary>A tool at work.</summary>
    public static Activity? Tool(string name, string callId) =>
        Source.StartActivity($"execute_tool {name}")?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", name).SetTag("gen_ai.tool.call.id", callId);
}
