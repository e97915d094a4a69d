namespace Throughline.ServiceDefaults;

/// <summary>The signing keys that the discovery record names: auth's own, or those a verifier holds. Registering one is optional.</summary>
public interface ISigningKeyIds
{
    IReadOnlyList<string> Current { get; }
}
