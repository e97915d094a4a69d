using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Throughline.Auth.Tests.Mail;

/// <summary>A mail server on loopback that keeps what it is given: RFC 5321 as far as a client needs it.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly Task _accepting;

    public SmtpSink(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it says to a recipient, by its address.</summary>
    public Func<string, string> AnswerToRecipient { get; init; } = _ => "250 fine";

    /// <summary>User name and password of the last sign-in, as AUTH PLAIN carried them.</summary>
    public string? SignedInAs { get; private set; }

    public IReadOnlyCollection<ReceivedMail> Mails => _mails;

    public async Task<ReceivedMail> WaitForAsync(string email, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        while (true)
        {
            if (_mails.FirstOrDefault(mail => mail.To == email) is { } found) return found;
            await _arrived.WaitAsync(deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true) talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var connection = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        try
        {
            await writer.WriteLineAsync("220 sink ready");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                if (line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
                {
                    await writer.WriteLineAsync("354 go on");
                    Keep(await ReadMessageAsync(reader));
                }
                await writer.WriteLineAsync(AnswerTo(line));
                if (line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase)) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The test is over, or the client has gone.
        }
    }

    private string AnswerTo(string line)
    {
        if (line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase)) return "250-sink\r\n250 AUTH PLAIN";
        if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase)) return AnswerToRecipient(line.Split('<', '>')[1]);
        if (!line.StartsWith("AUTH PLAIN ", StringComparison.OrdinalIgnoreCase)) return "250 fine";
        SignedInAs = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).TrimStart('\0').Replace('\0', ':');
        return "235 welcome";
    }

    private async Task<string> ReadMessageAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
            text.Append(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line).Append("\r\n");
        return text.ToString();
    }

    private void Keep(string raw)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(raw));
        using var message = MimeMessage.Load(stream);
        _mails.Enqueue(ReceivedMail.Of(message));
        _arrived.Release();
    }
}
