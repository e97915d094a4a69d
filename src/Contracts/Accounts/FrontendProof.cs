namespace Throughline.Contracts.Accounts;

/// <summary>How frontend shows auth that a request comes through it: auth then believes the forwarded address, and gives out tokens
/// for <c>throughline-web</c>, which it gives to nobody else.</summary>
public static class FrontendProof
{
    /// <summary>Request header with the secret. Frontend removes it from what clients send and sets its own on every request to auth.</summary>
    public const string Header = "Throughline-Frontend";

    /// <summary>The secret's name in the state folder's <c>secrets/</c>.</summary>
    public const string Secret = "client-frontend";

    /// <summary>The client whose tokens the browser holds.</summary>
    public const string WebClientId = "throughline-web";

    /// <summary>Return address of <see cref="WebClientId"/>. Nobody follows it: frontend reads the code out of the redirect itself.</summary>
    public const string WebReturnAddress = "http://localhost/session/callback";
}
