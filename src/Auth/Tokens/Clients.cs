using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using Throughline.Auth.Database;
using Throughline.Auth.SigningKeys;
using Throughline.ServiceDefaults;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Throughline.Auth.Tokens;

/// <summary>The clients there are; all are our own.</summary>
internal static class Clients
{
    public const string Web = "throughline-web";
    public const string CommandLine = "throughline-cli";
    public const string Backend = "throughline-backend";
    public const string Frontend = "throughline-frontend";

    /// <summary>The path, on the public origin, to which a code for <see cref="Web"/> is sent.</summary>
    public const string WebCallback = "/signin/callback";

    public static IEnumerable<OpenIddictApplicationDescriptor> All(string issuer, StateFolder state)
    {
        // Redeemed by the frontend on the browser's behalf, see /session there.
        yield return Public(Web, ApplicationTypes.Web, new Uri(new Uri(issuer), WebCallback));
        // A native client on loopback: the port is whatever was free (RFC 8252 §7.3).
        var commandLine = Public(CommandLine, ApplicationTypes.Native, new Uri("http://127.0.0.1/callback"));
        commandLine.Permissions.UnionWith([Permissions.Endpoints.DeviceAuthorization, Permissions.GrantTypes.DeviceCode]);
        yield return commandLine;
        yield return Confidential(Backend, state.ReadSecret("client-backend"));
        yield return Confidential(Frontend, state.ReadSecret("client-frontend"));
        yield return Confidential(TokenPolicies.OperatorClient, state.ReadSecret("client-operator"));
    }

    private static OpenIddictApplicationDescriptor Public(string id, string applicationType, Uri redirect) => new()
    {
        ClientId = id,
        ClientType = ClientTypes.Public,
        ApplicationType = applicationType,
        ConsentType = ConsentTypes.Implicit,
        RedirectUris = { redirect },
        Permissions =
        {
            Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
            Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
            Permissions.Prefixes.Scope + "api", Permissions.Prefixes.Scope + "email", Permissions.Prefixes.Scope + "profile",
        },
        Requirements = { Requirements.Features.ProofKeyForCodeExchange },
    };

    private static OpenIddictApplicationDescriptor Confidential(string id, string secret) => new()
    {
        ClientId = id,
        ClientSecret = secret,
        ClientType = ClientTypes.Confidential,
        ApplicationType = ApplicationTypes.Web,
        Permissions =
        {
            Permissions.Endpoints.Token, Permissions.Endpoints.Introspection, Permissions.GrantTypes.ClientCredentials,
            Permissions.Prefixes.Scope + "api",
        },
    };
}

/// <summary>Registers the clients; a start that finds them as it left them does not touch them, and one that does not puts them right.</summary>
internal sealed class ClientRegistrar(
    AuthDb db, IOpenIddictApplicationManager applications, StateFolder state, MasterKey master, IOptions<TokenOptions> options)
{
    /// <summary>Raise it when what is registered for a client changes in a way that its descriptor does not show.</summary>
    private const int Revision = 2;

    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var known = await db.ClientRegistrations.ToDictionaryAsync(r => r.ClientId, cancellationToken);
        var rows = await db.Set<OpenIddictEntityFrameworkCoreApplication>().AsNoTracking().ToDictionaryAsync(a => a.ClientId!, ContentOf, cancellationToken);
        foreach (var client in Clients.All(options.Value.Issuer, state))
        {
            var registration = known.GetValueOrDefault(client.ClientId!);
            if (registration is not null && rows.TryGetValue(client.ClientId!, out var row) && registration.Fingerprint.AsSpan().SequenceEqual(FingerprintOf(client, row))) continue;

            if (await applications.FindByClientIdAsync(client.ClientId!, cancellationToken) is { } application)
                await applications.UpdateAsync(application, client, cancellationToken);
            else
                await applications.CreateAsync(client, cancellationToken);
            var fingerprint = FingerprintOf(client, ContentOf(await db.Set<OpenIddictEntityFrameworkCoreApplication>().AsNoTracking().SingleAsync(a => a.ClientId == client.ClientId, cancellationToken)));
            if (registration is null) db.ClientRegistrations.Add(new() { ClientId = client.ClientId!, Fingerprint = fingerprint });
            else registration.Fingerprint = fingerprint;
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>What somebody may have changed in the database since.</summary>
    private static string ContentOf(OpenIddictEntityFrameworkCoreApplication row) =>
        string.Join('\n', row.ClientSecret, row.ClientType, row.ApplicationType, row.ConsentType, row.RedirectUris, row.Permissions, row.Requirements);

    private byte[] FingerprintOf(OpenIddictApplicationDescriptor client, string row)
    {
        var text = JsonSerializer.Serialize(new
        {
            Revision,
            client.ClientId,
            client.ClientSecret,
            client.ClientType,
            client.ApplicationType,
            client.RedirectUris,
            client.Permissions,
            client.Requirements,
            row,
        });
        return HMACSHA256.HashData(master.Derive("client registrations"), Encoding.UTF8.GetBytes(text));
    }
}
