namespace Throughline.Analysis.Sample;

/// <summary>One request of the sample. Reused from row to row.</summary>
internal sealed class SampleRow
{
    public long Number;
    public DateTime At;
    public int Day;                 // 0 is the first
    public int User, Feature;       // indices into SampleWorld
    public string Model = "", Provider = "";
    public int Input, Cached, Written, Output, PrefixTokens, LatencyMs, FirstTokenMs;
    public bool IsError, IsAnomaly, IsNightly;
    public bool IsRepeat;           // an earlier row has the same model and prompt
    public ulong Prompt;            // equal prompts, equal numbers
}
