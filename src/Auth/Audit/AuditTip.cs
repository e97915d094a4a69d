namespace Throughline.Auth.Audit;

/// <summary>The last entry of the audit log, as far as the transaction at hand has read or written it. A transaction that adds is alone, so it stays the last.</summary>
internal sealed class AuditTip
{
    public (long Seq, byte[] Hash)? Last { get; set; }
}
