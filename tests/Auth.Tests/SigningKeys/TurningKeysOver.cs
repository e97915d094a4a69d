using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Npgsql;
using Throughline.Testing;

namespace Throughline.Auth.Tests.SigningKeys;

/// <summary>Keys go published, signing, retired, gone, while auth runs.</summary>
public sealed class TurningKeysOver
{
    private static readonly (string, string)[] Quick = [("SigningKeys__PublishFor", "00:00:02"), ("Tokens__AccessLifetime", "00:00:03")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task By_the_operator_a_key_is_published_then_signs_then_the_one_before_it_goes()
    {
        await using var process = await AuthProcess.StartAsync(Stop, Quick);
        var client = new AuthClient(process);
        var user = await client.SignUpAsync();
        var cookie = await client.LogInAsync(user.Email);
        var first = await SigningAsync(client);
        Assert.Equal(first, KeyIdOf((await client.TokensAsync(cookie)).Access));

        var next = (await RotateAsync(client, isCompromised: false)).GetProperty("id").GetString()!;
        Assert.Equal(next, (await RotateAsync(client, isCompromised: false)).GetProperty("id").GetString()); // one at a time
        Assert.Equal([first, next], await PublishedAsync(client));
        Assert.Equal(first, KeyIdOf((await client.TokensAsync(cookie)).Access));

        // A sign-in that is under way is not spoilt by what happens to the keys.
        var (verifier, challenge) = AuthClient.NewPkce();
        var code = AuthClient.CodeOf(await client.AuthorizeAsync(cookie, challenge));
        await UntilAsync(async () => await SigningAsync(client) == next, "the new key signs");
        Assert.Equal([next, first], await PublishedAsync(client));
        var answer = (await client.RedeemAsync(code, verifier)).Json;
        Assert.Equal((next, next), (KeyIdOf(answer.GetProperty("access_token").GetString()!), KeyIdOf(answer.GetProperty("id_token").GetString()!)));

        await UntilAsync(async () => (await PublishedAsync(client)).SequenceEqual([next]), "the retired key is gone");
        await process.StopAsync();
        await process.StartAsync(Stop);
        Assert.Equal([next], await PublishedAsync(new AuthClient(process)));
    }

    [Fact]
    public async Task A_code_outlives_even_keys_that_were_dropped()
    {
        await using var process = await AuthProcess.StartAsync(Stop, Quick);
        var client = new AuthClient(process);
        var user = await client.SignUpAsync();
        var cookie = await client.LogInAsync(user.Email);
        var tokens = await client.TokensAsync(cookie);
        var (verifier, challenge) = AuthClient.NewPkce();
        var code = AuthClient.CodeOf(await client.AuthorizeAsync(cookie, challenge));

        var fresh = (await RotateAsync(client, isCompromised: true)).GetProperty("id").GetString()!;

        Assert.Equal([fresh], await PublishedAsync(client));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/auth/me", tokens.Access)).Status);
        var answer = (await client.RedeemAsync(code, verifier)).Json;
        Assert.Equal((fresh, fresh), (KeyIdOf(answer.GetProperty("access_token").GetString()!), KeyIdOf(answer.GetProperty("id_token").GetString()!)));
        Assert.Equal(HttpStatusCode.OK, (await client.RefreshAsync(tokens.Refresh)).Status);
    }

    [Fact]
    public async Task By_schedule_two_nodes_on_one_database_turn_each_key_over_once()
    {
        await using var server = new PostgresServer();
        await server.InitializeAsync();
        var settings = new Dictionary<string, string>
        {
            ["Database__Provider"] = "postgres",
            ["Database__ConnectionString"] = await server.CreateDatabaseAsync(Stop),
            ["SigningKeys__RotateEvery"] = "00:00:03",
            ["SigningKeys__PublishFor"] = "00:00:02",
            ["Tokens__AccessLifetime"] = "00:00:03",
        };
        using var left = new TestState().WithSecrets();
        using var right = new TestState();
        await using var one = await ServiceProcess.StartAsync("auth", left, settings, Stop);
        CopyTo(right, left, "secrets", "keys");
        await using var other = await ServiceProcess.StartAsync("auth", right, settings, Stop);

        var signed = new List<string>();
        using var http = new HttpClient();
        await UntilAsync(async () =>
        {
            var (here, there) = (await KeysAsync(http, one.Url), await KeysAsync(http, other.Url));
            // Each knows the other's signing key, though one may be half a second behind.
            Assert.Contains(here[0], there);
            Assert.Contains(there[0], here);
            if (!signed.Contains(here[0])) signed.Add(here[0]);
            return signed.Count == 4;
        }, "three rotations");

        var steps = await StepsAsync(settings["Database__ConnectionString"]);
        Assert.Equal(steps.Distinct(), steps); // each step once, whichever node took it
        Assert.True(steps.Count(step => step.Contains(" signs", StringComparison.Ordinal)) >= signed.Count, string.Join('\n', steps));
        Assert.DoesNotMatch(@"(warn|fail): Throughline\.Auth\.SigningKeys", one.Program.Transcript + other.Program.Transcript);
    }

    /// <summary>The life of the keys, as the audit log has it.</summary>
    private static async Task<List<string>> StepsAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT \"Detail\" FROM \"AuditEntries\" WHERE \"Event\" = 'signing_key.rotated' ORDER BY \"Seq\"");
        await using var rows = await command.ExecuteReaderAsync(Stop);
        var steps = new List<string>();
        while (await rows.ReadAsync(Stop)) steps.Add(rows.GetString(0));
        return steps;
    }

    private static void CopyTo(TestState target, TestState source, params string[] folders)
    {
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(target.PathOf(folder));
            foreach (var file in Directory.EnumerateFiles(source.PathOf(folder))) File.Copy(file, target.PathOf(folder, Path.GetFileName(file)));
        }
    }

    private static async Task<JsonElement> RotateAsync(AuthClient client, bool isCompromised)
    {
        var answer = await client.SendAsync(HttpMethod.Post, "/internal/keys/rotations", await OperatorTokenAsync(client), new { compromised = isCompromised });
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        return answer.Json;
    }

    private static async Task<string> SigningAsync(AuthClient client) => (await PublishedAsync(client))[0];

    /// <summary>Ids of the key set, the one that signs first.</summary>
    private static async Task<IReadOnlyList<string>> PublishedAsync(AuthClient client)
    {
        using var http = new HttpClient();
        return await KeysAsync(http, client.Process.Address);
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(HttpClient http, Uri auth)
    {
        using var set = JsonDocument.Parse(await http.GetStringAsync(new Uri(auth, "/.well-known/jwks"), Stop));
        return [.. set.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
    }

    private static async Task<string> OperatorTokenAsync(AuthClient client)
    {
        var answer = await client.SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "throughline-operator",
            ["client_secret"] = client.Process.Secret("client-operator"),
        });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json.GetProperty("access_token").GetString()!;
    }

    private static string KeyIdOf(string token) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement.GetProperty("kid").GetString()!;

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await isSo()) await look.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
        {
            Assert.Fail($"It did not come about that {what}.");
        }
    }
}
