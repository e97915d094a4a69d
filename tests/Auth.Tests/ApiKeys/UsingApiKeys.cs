using System.Net;
using System.Text.Json;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests.ApiKeys;

public sealed class UsingApiKeysOnSqlite(SqliteAuth platform) : UsingApiKeys(platform);

public sealed class UsingApiKeysOnPostgres(PostgresAuth platform) : UsingApiKeys(platform);

/// <summary>Long-lived keys for scripts, as auth keeps them.</summary>
public abstract class UsingApiKeys(SharedAuth platform)
{
    [Fact]
    public async Task A_key_is_shown_once_and_afterwards_known_by_its_start_only()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();

        var created = await CreateAsync(auth, tokens, new { name = "  nightly import  ", scopes = (string[])["api.read", "account", "api.read"] });

        Assert.True(ApiKeyText.IsWellFormed(created.Key), created.Key);
        Assert.Equal(("nightly import", created.Key[..11]), (created.Summary.Name, created.Summary.Start));
        Assert.Equal(["api.read", "account"], created.Summary.Scopes);
        var listed = await auth.GetAsync("/auth/api-keys", tokens.Access);
        Assert.Equal([created.Summary.Id], listed.As<Page<ApiKeySummary>>().Items.Select(k => k.Id));
        Assert.DoesNotContain(created.Key[11..], listed.Body, StringComparison.Ordinal);
        Assert.Equal(["api"], (await CreateAsync(auth, tokens, new { name = "plain" })).Summary.Scopes);
    }

    [Theory]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":" \t "}""", "name")]
    [InlineData("""{"name":"a\u0007b"}""", "name")]
    [InlineData("""{"name":"k","scopes":["api","admin"]}""", "scopes")]
    [InlineData("""{"name":"k","scopes":["API"]}""", "scopes")]
    [InlineData("""{"name":"k","scopes":[null]}""", "scopes")]
    [InlineData("""{"name":"k","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"k","expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    public async Task What_is_wrong_with_a_new_key_is_said_by_its_field(string body, string field)
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var answer = await auth.SendAsync(HttpMethod.Post, "/auth/api-keys", tokens.Access, JsonElement.Parse(body));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_field"), (answer.Status, answer.Code));
        Assert.Equal([field], answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task A_user_has_fifty_at_most()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 55).Select(i => auth.SendAsync(HttpMethod.Post, "/auth/api-keys", tokens.Access, new { name = $"k{i}" })));
        Assert.Equal(50, made.Count(a => a.Status == HttpStatusCode.Created));
        Assert.All(made.Where(a => a.Status != HttpStatusCode.Created), a => Assert.Equal((HttpStatusCode.Conflict, "too_many_api_keys"), (a.Status, a.Code)));

        var first = made.First(a => a.Status == HttpStatusCode.Created).As<CreatedApiKey>();
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/api-keys/{first.Summary.Id}", tokens.Access)).Status);
        await CreateAsync(auth, tokens, new { name = "one more" });
    }

    [Fact]
    public async Task Every_key_reads_its_profile_and_only_one_for_the_account_does_more_and_none_makes_ends_or_overtakes()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var api = (await CreateAsync(auth, tokens, new { name = "api", scopes = (string[])["api", "api.read"] })).Key;
        var account = await CreateAsync(auth, tokens, new { name = "account", scopes = (string[])["account"] });

        foreach (var key in (string[])[api, account.Key])
        {
            var me = await auth.GetAsync("/auth/me", key);
            Assert.Equal((HttpStatusCode.OK, user.UserId), (me.Status, me.As<Account>().UserId));
        }

        var (devices, denied) = (await auth.GetAsync("/auth/sessions", account.Key), await auth.GetAsync("/auth/sessions", api));
        Assert.Equal([false], devices.As<Page<DeviceSession>>().Items.Select(d => d.Current));
        Assert.Equal((HttpStatusCode.Forbidden, "insufficient_scope"), (denied.Status, denied.Code));
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"account\"", denied.Headers["WWW-Authenticate"].Single());
        Assert.Equal(HttpStatusCode.OK, (await auth.SendAsync(HttpMethod.Patch, "/auth/me", account.Key, new { name = "Mia" })).Status);

        (HttpMethod, string, object?)[] closed =
        [
            (HttpMethod.Post, "/auth/api-keys", new { name = "more" }), (HttpMethod.Get, "/auth/api-keys", null),
            (HttpMethod.Delete, $"/auth/api-keys/{account.Summary.Id}", null), (HttpMethod.Post, "/auth/logout", null), (HttpMethod.Delete, "/auth/me", null),
        ];
        foreach (var (method, path, body) in closed)
        {
            var answer = await auth.SendAsync(method, path, account.Key, body);
            Assert.True((HttpStatusCode.Forbidden, "insufficient_scope") == (answer.Status, answer.Code), $"{method} {path}: {answer.Status}");
        }
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", account.Key)).Status);
    }

    [Fact]
    public async Task Exchanged_it_is_an_access_token_of_the_ordinary_kind_for_our_own_services_only()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var created = await CreateAsync(auth, tokens, new { name = "k", scopes = (string[])["api.read"], expiresAt = TimeProvider.System.GetUtcNow().AddMinutes(5) });

        var exchanged = await ExchangeAsync(auth, service, created.Key);

        var claims = new Tokens(exchanged.AccessToken!, "").Claims;
        Assert.Equal(
            (user.UserId, created.Summary.Id, "throughline", "throughline-api-key", "api.read", "free", "user"),
            (claims.GetProperty("sub").GetGuid(), claims.GetProperty("sid").GetGuid(), claims.GetProperty("aud").GetString(), claims.GetProperty("client_id").GetString(),
                claims.GetProperty("scope").GetString(), claims.GetProperty("tier").GetString(), claims.GetProperty("role").GetString()));
        Assert.Equal(created.Summary.ExpiresAt!.Value.ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64()); // not past the key's own end
        Assert.InRange(exchanged.ExpiresIn!.Value, 290, 300);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.SendAsync(HttpMethod.Post, "/internal/api-keys/exchange", tokens.Access, new { key = created.Key })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.SendAsync(HttpMethod.Post, "/internal/api-keys/exchange", created.Key, new { key = created.Key })).Status);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_told_in_the_feed_as_its_session()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var (_, stranger) = await auth.NewUserAsync();
        var created = await CreateAsync(auth, tokens, new { name = "k" });
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", created.Key)).Status);

        var (foreign, absent) = (
            await auth.DeleteAsync($"/auth/api-keys/{created.Summary.Id}", stranger.Access), await auth.DeleteAsync($"/auth/api-keys/{Guid.CreateVersion7()}", stranger.Access));
        Assert.Equal((HttpStatusCode.NotFound, absent.Status, absent.Code), (foreign.Status, foreign.Status, foreign.Code));
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/api-keys/{created.Summary.Id}", tokens.Access)).Status);

        var refused = await auth.GetAsync("/auth/me", created.Key);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (refused.Status, refused.Code));
        Assert.Equal(new ExchangedApiKey(Refusal: "revoked"), await ExchangeAsync(auth, service, created.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await auth.DeleteAsync($"/auth/api-keys/{created.Summary.Id}", tokens.Access)).Status);
        Assert.Empty((await auth.GetAsync("/auth/api-keys", tokens.Access)).As<Page<ApiKeySummary>>().Items);
        var told = (await Feed.ReadAllAsync(auth, service)).Last(c => c.UserId == user.UserId);
        Assert.Equal(("session.revoked", created.Summary.Id), (told.Kind, told.SessionId));
    }

    [Fact]
    public async Task Expired_deleted_unknown_and_misspelt_keys_are_refused_each_by_its_word()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var end = TimeProvider.System.GetUtcNow().AddSeconds(5);
        var brief = await CreateAsync(auth, tokens, new { name = "brief", expiresAt = end });
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", brief.Key)).Status);
        await Task.Delay(end - TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", brief.Key)).Status);
        Assert.Equal("expired", (await ExchangeAsync(auth, service, brief.Key)).Refusal);

        var kept = await CreateAsync(auth, tokens, new { name = "kept" });
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", kept.Key)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", kept.Key)).Status);
        Assert.Equal("unknown_key", (await ExchangeAsync(auth, service, kept.Key)).Refusal);
        Assert.Equal("unknown_key", (await ExchangeAsync(auth, service, ApiKeyText.New())).Refusal);

        var misspelt = kept.Key[..20] + (kept.Key[20] == 'A' ? 'B' : 'A') + kept.Key[21..];
        foreach (var wrong in (string[])[misspelt, "tl_", "", kept.Key + "A", kept.Key.ToUpperInvariant()])
            Assert.Equal("malformed", (await ExchangeAsync(auth, service, wrong)).Refusal);
    }

    [Fact]
    public async Task Its_last_use_is_shown_and_written_once_a_minute_at_most()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var created = await CreateAsync(auth, tokens, new { name = "k" });
        Assert.Null(created.Summary.LastUsedAt);

        var before = TimeProvider.System.GetUtcNow();
        await ExchangeAsync(auth, service, created.Key);
        var used = await LastUseAsync(auth, tokens);
        Assert.InRange(used!.Value, before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow());
        await ExchangeAsync(auth, service, created.Key);
        Assert.Equal(used, await LastUseAsync(auth, tokens));
    }

    private static async Task<DateTimeOffset?> LastUseAsync(AuthClient auth, Tokens tokens) =>
        (await auth.GetAsync("/auth/api-keys", tokens.Access)).As<Page<ApiKeySummary>>().Items.Single().LastUsedAt;

    private static async Task<CreatedApiKey> CreateAsync(AuthClient auth, Tokens tokens, object request)
    {
        var answer = await auth.SendAsync(HttpMethod.Post, "/auth/api-keys", tokens.Access, request);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Body);
        return answer.As<CreatedApiKey>();
    }

    private static async Task<ExchangedApiKey> ExchangeAsync(AuthClient auth, string service, string key)
    {
        var answer = await auth.SendAsync(HttpMethod.Post, "/internal/api-keys/exchange", service, new { key });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.As<ExchangedApiKey>();
    }
}
