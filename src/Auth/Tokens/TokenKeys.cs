using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using Throughline.Auth.Devices;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tokens;

/// <summary>
/// The keys and lifetimes of what OpenIddict makes itself. It reads its options at each request and keeps them until they change, so a
/// rotation is a change of them: id tokens follow the signing key. Codes are for auth alone, so their keys come from the master key and
/// no rotation spoils a sign-in that is under way.
/// </summary>
internal sealed class TokenKeys(
    SigningKeyStore keys, MasterKey master, IOptions<TokenOptions> tokens, IOptions<TokenLifetimes> lifetimes, IOptions<DeviceOptions> devices)
    : IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    public string Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => keys.Changed;

    public void Configure(OpenIddictServerOptions options)
    {
        options.Issuer = new Uri(tokens.Value.Issuer);
        options.AccessTokenLifetime = lifetimes.Value.AccessLifetime;
        options.RefreshTokenLifetime = lifetimes.Value.RefreshLifetime;
        options.DeviceCodeLifetime = options.UserCodeLifetime = devices.Value.CodeLifetime;
        options.IdentityTokenLifetime = lifetimes.Value.AccessLifetime; // so no id token outlives its key
        // OpenIddict takes a symmetric key first, but for id tokens, which it signs with the first asymmetric one.
        options.SigningCredentials.Add(new(
            new SymmetricSecurityKey(master.Derive("code signatures")) { KeyId = "code-signatures" }, SecurityAlgorithms.HmacSha256));
        foreach (var key in keys.All) options.SigningCredentials.Add(new(key, SecurityAlgorithms.EcdsaSha256));
        options.EncryptionCredentials.Add(new(
            new SymmetricSecurityKey(master.Derive("codes")) { KeyId = "codes" },
            SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
    }
}
