using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Throughline.Backend.Breakers;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>Tickets for sockets of clients that can set no header: one use, soon over, as good as the token they were made with.</summary>
internal sealed class Tickets(KeyValueStore store, DependencyBreakers breakers, IOptions<GatewayOptions> options)
{
    public async Task<WebSocketTicket> IssueAsync(AccessToken token, CancellationToken cancellationToken)
    {
        var ticket = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var value = JsonSerializer.SerializeToUtf8Bytes(token, TicketJson.Default.AccessToken);
        await breakers.Store.ExecuteAsync(async stop =>
        {
            var database = await store.ConnectAsync(stop);
            await database.StringSetAsync(KeyOf(ticket), value, options.Value.TicketLifetime).WaitAsync(stop);
        }, cancellationToken);
        return new WebSocketTicket(ticket, (int)Math.Ceiling(options.Value.TicketLifetime.TotalSeconds));
    }

    /// <returns>The token it was made with; null where there is no such ticket, or no more.</returns>
    public async Task<AccessToken?> RedeemAsync(string ticket, CancellationToken cancellationToken)
    {
        if (ticket.Length != 64 || !ticket.All(char.IsAsciiHexDigitLower)) return null;
        return await breakers.Store.ExecuteAsync(async stop =>
        {
            var database = await store.ConnectAsync(stop);
            var value = await database.StringGetDeleteAsync(KeyOf(ticket)).WaitAsync(stop);
            return value.IsNull ? null : JsonSerializer.Deserialize((byte[])value!, TicketJson.Default.AccessToken);
        }, cancellationToken);
    }

    private static RedisKey KeyOf(string ticket) => StoreKeys.Ticket(SHA256.HashData(Convert.FromHexString(ticket)));
}

[JsonSerializable(typeof(AccessToken))]
internal sealed partial class TicketJson : JsonSerializerContext;
