using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>Tells whether a discovery record still speaks of a living service: lease, pid, then the service's own word.</summary>
/// <param name="storePassword">
/// The store has no <c>/health/live</c>. That it takes the password of this state and answers PING shows that it is this state's store.
/// </param>
public sealed class RecordVerifier(HttpMessageInvoker http, TimeProvider time, Func<string?> storePassword)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <returns>Null for a record that holds; else why it does not.</returns>
    public async Task<string?> RejectAsync(DiscoveryRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (AddressFault(record) is { } fault)
            return fault;
        if (record.LeaseExpiresAt <= time.GetUtcNow())
            return "its lease has expired";
        if (record.PidNamespace == ProcessIdentity.Namespace && !ProcessIdentity.IsAlive(record.Pid, record.ProcessStartedAt))
            return $"its process {record.Pid} is gone";

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            return record.ApiUrl.StartsWith("redis:", StringComparison.Ordinal)
                ? await PingAsync(new Uri(record.ApiUrl), limit.Token)
                : await AskAsync(record, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{record.ApiUrl} did not answer within {Timeout.TotalSeconds} s";
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException)
        {
            return $"{record.ApiUrl} does not answer: {e.Message}";
        }
    }

    /// <summary>A record says the same address four times; where they differ, one of them is wrong.</summary>
    private static string? AddressFault(DiscoveryRecord record)
    {
        foreach (var address in (ReadOnlySpan<string?>)[record.ApiUrl, record.WsUrl, record.HealthUrl])
            if (address is not null && !(Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Port == record.Port))
                return $"it names port {record.Port}, but the address {address}";
        return null;
    }

    private async Task<string?> AskAsync(DiscoveryRecord record, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{record.ApiUrl}/health/live");
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            return $"{record.ApiUrl}/health/live answered {(int)response.StatusCode}";
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var report = await JsonSerializer.DeserializeAsync(body, WireJson.Default.HealthReport, cancellationToken);
        return report?.Instance == record.Instance ? null : $"{record.ApiUrl} is another instance, {report?.Service} {report?.Instance}";
    }

    private async Task<string?> PingAsync(Uri store, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(store.Host, store.Port, cancellationToken);
        await using var stream = client.GetStream();
        var password = storePassword();
        // RESP arrays of bulk strings; the store takes no inline commands.
        var commands = (password is null ? "" : $"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n") + "*1\r\n$4\r\nPING\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(commands), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string? line = "";
        for (var expected = password is null ? 1 : 2; expected > 0; expected--)
        {
            line = await reader.ReadLineAsync(cancellationToken);
            if (line is null || line.StartsWith('-'))
                return $"{store} refused: {line ?? "it closed the connection"}";
        }

        return line == "+PONG" ? null : $"{store} answered '{line}' to PING";
    }
}
