using System.Text.Json;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Actions;

/// <summary>Reads answers to interrupts.</summary>
internal static class ActionAnswer
{
    /// <summary>The payload that an answer has, as interrupts say it.</summary>
    public static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"approved":{"type":"boolean"}},"required":["approved"]}""");

    /// <summary>Whether it is approved; null where the entry is no answer. By AG-UI a refusal is a payload, <c>cancelled</c> is somebody who did not decide: neither changes anything.</summary>
    public static bool? IsApproved(ResumeEntry entry) => entry switch
    {
        { Status: "cancelled" } => false,
        { Status: "resolved", Payload: { ValueKind: JsonValueKind.Object } payload } when payload.TryGetProperty("approved", out var approved) => approved.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        },
        _ => null,
    };
}
