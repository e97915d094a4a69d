using Throughline.Launcher.State;
using Throughline.Verify.Looks;
using Throughline.Verify.Rules;

namespace Throughline.Launcher.Doctor;

/// <summary>What kept services from starting the last time, read by the same rule as verify reads it.</summary>
internal static class LastStarts
{
    public static IEnumerable<Finding> Read(StateDirectory state)
    {
        foreach (var service in Status.StatusReader.Services)
            if (LastWord.Of(state.Root, service) is { } told && StartWords.Read(service, told) is { } reading)
                yield return Finding.Warning($"last start of {service}", $"{told} ({reading.Component}.{reading.Fault})", reading.Fix.Text);
    }
}
