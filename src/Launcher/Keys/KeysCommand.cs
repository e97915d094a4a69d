using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Launcher.Operator;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Keys;

/// <summary><c>throughline keys</c>: shows the signing keys of a running stack, and turns them over.</summary>
internal static class KeysCommand
{
    private const string Address = "/internal/keys";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>How late a key may sign: auth may be away for a moment, and its clock may differ from this one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Option<bool> Compromised = new("--compromised")
    {
        Description = "Someone else may hold the keys: drop them all at once, and with them every access token. People stay signed in; their clients renew.",
    };

    public static Command Create()
    {
        var list = new Command("list", "Show the keys that tokens are signed and verified with.");
        list.SetAction(ListAsync);
        var rotate = new Command("rotate", "Publish a new key, wait until it signs, and retire the present one. No valid token is refused.") { Compromised };
        rotate.SetAction(RotateAsync);
        return new Command("keys", "Show the signing keys, and turn them over.") { list, rotate };
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var keys = await ReadAsync(parsed, cancellationToken);
        Console.WriteLine($"{"key",-43}  {"state",-9}  {"since",-19}  until");
        foreach (var key in keys.Items)
            Console.WriteLine($"{key.Id,-43}  {key.State,-9}  {Format(key.StateSince)}  {Format(key.Until)}");
        TellOfSharedSecret(keys);
        return ExitCode.Stopped;
    }

    private static async Task<int> RotateAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var next = await BeginAsync(parsed, cancellationToken);
        if (parsed.GetValue(Compromised))
            Console.WriteLine($"Key {next.Id} signs. All keys before it are dropped; what they signed is refused within {TokenOptions.KeyRefresh.TotalSeconds + 1:0} seconds.");
        else
            await WaitUntilItSignsAsync(parsed, next, cancellationToken);
        TellOfSharedSecret(await ReadAsync(parsed, cancellationToken));
        return ExitCode.Stopped;
    }

    private static async Task<SigningKeySummary> BeginAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var auth = await ConnectAsync(parsed, cancellationToken);
        using var response = await auth.PostAsJsonAsync(
            $"{Address}/rotations", new KeyRotation(parsed.GetValue(Compromised)), WireJson.Default.KeyRotation, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.SigningKeySummary, cancellationToken))!;
    }

    private static async Task WaitUntilItSignsAsync(ParseResult parsed, SigningKeySummary next, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Key {next.Id} is published; it signs at {Format(next.Until)}, when every service knows it.");
        await CountDownAsync(next.Until, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
            while ((await ReadAsync(parsed, limit.Token)).Items.FirstOrDefault(k => k.Id == next.Id) is { State: "published" })
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LauncherException(
                ExitCode.Other, $"Key {next.Id} does not sign {Patience.TotalSeconds:0} s after its time.", "Look at: throughline keys list · throughline logs auth");
        }

        Console.WriteLine($"Key {next.Id} signs. The one before it stays published until its last token has expired.");
    }

    private static async Task CountDownAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        while (until - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } left)
        {
            if (!Console.IsOutputRedirected)
                Console.Write($"\r{Math.Ceiling(left.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)} s \r");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static Task<HttpClient> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        OperatorClient.ConnectAsync(StateDirectory.At(parsed.GetValue(CommandLine.State)!), "auth", cancellationToken);

    /// <summary>Signs in each time: a rotation may have made an earlier token of this command invalid.</summary>
    private static async Task<SigningKeyList> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var auth = await ConnectAsync(parsed, cancellationToken);
        return (await auth.GetFromJsonAsync(Address, WireJson.Default.SigningKeyList, cancellationToken))!;
    }

    private static void TellOfSharedSecret(SigningKeyList keys)
    {
        if (keys.Algorithm == TokenAlgorithm.Hs256.Name)
            Console.WriteLine($"Access tokens are signed with {SharedSecret.Setting}; these keys sign id tokens only. To turn the secret over, set another and restart.");
    }

    private static string Format(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
