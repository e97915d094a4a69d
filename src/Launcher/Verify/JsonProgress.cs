using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Proof;
using Throughline.Verify;

namespace Throughline.Launcher.Verify;

/// <summary>Says what goes on as one JSON object a line, for a program that shows it (<c>--progress json</c>).</summary>
internal sealed class JsonProgress(TextWriter output) : IVerifyProgress
{
    private readonly Lock _gate = new();

    public void Phase(string what) => Write(new ProofLine(Phase: what));

    public void Found(Finding finding) => Write(new ProofLine(Check: finding.Check, Assertion: finding.Id, Verdict: finding.Verdict.ToString()));

    private void Write(ProofLine line)
    {
        lock (_gate)
        {
            output.WriteLine(JsonSerializer.Serialize(line, WireJson.Default.ProofLine));
            output.Flush();
        }
    }
}
