namespace Throughline.ServiceDefaults;

/// <summary>Where a verifier gets auth's public keys: over HTTP in every service, from its own store in auth itself.</summary>
public interface IVerificationKeySource
{
    /// <summary>The keys last seen. Read on every use of a token.</summary>
    VerificationKeys Current { get; }

    /// <summary>Whether the keys could be read when they were last asked for: only then does it mean anything that one is not among them.</summary>
    bool IsReachable => true;

    /// <summary>Looks for newer keys because a token names one that is not known; may answer the current ones at once.</summary>
    ValueTask<VerificationKeys> RefreshForAsync(string keyId, CancellationToken cancellationToken);
}
