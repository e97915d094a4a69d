namespace Throughline.Frontend.Sessions;

/// <summary>The client whose tokens the browser holds, as auth has registered it.</summary>
internal sealed class WebClient
{
    public const string Id = "throughline-web";
    public const string Scope = "openid offline_access api";

    // On the public origin. Nobody follows it: the code is read out of the redirect.
    private const string ReturnPath = "/signin/callback";

    /// <summary>Known once auth has been asked for its issuer, which never changes: a moved port does not move it.</summary>
    public string? ReturnAddress { get; private set; }

    public string ReturnTo(string issuer) => ReturnAddress = new Uri(new Uri(issuer), ReturnPath).ToString();
}
