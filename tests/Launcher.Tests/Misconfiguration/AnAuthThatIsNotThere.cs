using System.Net;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>A backend without auth serves on, degraded, and says why auth is not there, whatever a record claims.</summary>
public sealed class AnAuthThatIsNotThere(AnAuthThatIsNotThere.LonelyBackend lonely) : IClassFixture<AnAuthThatIsNotThere.LonelyBackend>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("whose process is gone", 999_999_999, 0, 60, 0, "its process 999999999 is gone")]
    [InlineData("whose pid now means another program", 0, -3600, 60, 0, "is gone")]
    [InlineData("whose lease has run out", 0, 0, -1, 0, "its lease has expired")]
    [InlineData("that names another port than its address", 0, 0, 60, 1, "it names port")]
    [InlineData("at whose port nobody listens", 0, 0, 60, 0, "does not answer")]
    public async Task A_record(string what, int pid, int startedOffset, int leaseSeconds, int portOffset, string reason)
    {
        var port = Machine.FreePort();
        await WriteAsync(port, port + portOffset, pid == 0 ? Environment.ProcessId : pid, startedOffset, leaseSeconds);
        var health = await Looking.UntilAsync(lonely.Backend, "signing", h => h.Error?.Contains(reason, StringComparison.Ordinal) == true, Stop);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {health.Error}");
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.StartsWith("The discovery record of auth is stale, ", health.Error, StringComparison.Ordinal);
        Assert.EndsWith(": start auth, which replaces it.", health.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_points_at_another_service_of_ours()
    {
        var port = lonely.Backend.Record.Port;
        await WriteAsync(port, port, Environment.ProcessId, 0, 60);
        var health = await Looking.UntilAsync(lonely.Backend, "signing", h => h.Error?.Contains("is another instance, backend", StringComparison.Ordinal) == true, Stop);
        Assert.Equal(HealthStatus.Degraded, health.Status);
    }

    [Fact]
    public async Task A_store_that_is_away()
    {
        using var state = new TestState().WithSecrets();
        var dead = $"127.0.0.1:{Machine.FreePort()}";
        await using var backend = await ServiceProcess.StartAsync("backend", state, new Dictionary<string, string> { ["Store__Address"] = dead }, Stop);
        var health = await Looking.UntilAsync(backend, "store", h => h.Status == HealthStatus.Degraded, Stop);
        Assert.Equal($"The key-value store at {dead} does not answer: start it, or set Store:Address to where it is.", health.Error);
    }

    [Fact]
    public async Task A_store_that_refuses_our_password_ends_the_start()
    {
        using var foreign = new TestState().WithSecrets();
        await using var store = await ServiceProcess.StartAsync("store", foreign, null, Stop);
        using var state = new TestState().WithSecrets();
        await new Mistake("store password", "backend", 4, "The key-value store at ", "refuses our password", "{state}/secrets/store-password")
        {
            Environment = new Dictionary<string, string> { ["Store__Address"] = $"127.0.0.1:{store.Record.Port}" },
            Secret = await File.ReadAllTextAsync(state.PathOf("secrets", "store-password"), Stop),
        }.ExplainedAsync(state, Stop);
    }

    [Fact]
    public async Task A_clock_that_is_ahead()
    {
        using var state = new TestState().WithSecrets();
        await using var auth = await ServiceProcess.StartAsync("auth", state, null, Stop);
        await using var ahead = new InFrontOfAuth(auth.Url) { Ahead = TimeSpan.FromSeconds(30) };
        await using var backend = await ServiceProcess.StartAsync("backend", state, new Dictionary<string, string> { ["Services__auth"] = ahead.Address }, Stop);
        var health = await Looking.UntilAsync(backend, "signing", h => h.Error?.Contains("clocks", StringComparison.Ordinal) == true, Stop);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Matches(@"^The clocks of backend and auth are \d+ s apart and 5 s are allowed: set the clocks of both machines, for example by NTP\.$", health.Error);
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_are_not_taken_for_others()
    {
        using var state = new TestState().WithSecrets();
        await using var auth = await ServiceProcess.StartAsync("auth", state, null, Stop);
        await using var front = new InFrontOfAuth(auth.Url) { AreKeysAway = true };
        await using var backend = await ServiceProcess.StartAsync("backend", state, new Dictionary<string, string> { ["Services__auth"] = front.Address }, Stop);
        var health = await Looking.UntilAsync(backend, "signing", h => h.Error?.Contains("cannot be read", StringComparison.Ordinal) == true, Stop);
        Assert.Equal(HealthStatus.Degraded, health.Status);

        front.AreKeysAway = false;
        await Looking.UntilAsync(backend, "signing", h => h.Status == HealthStatus.Healthy, Stop);
    }

    private Task WriteAsync(int port, int apiPort, int pid, int startedOffset, int leaseSeconds)
    {
        var record = new DiscoveryRecord(
            "auth", Guid.CreateVersion7(), Guid.CreateVersion7(), pid, ProcessIdentity.StartedAt.AddSeconds(startedOffset), "127.0.0.1", port,
            $"http://127.0.0.1:{apiPort}", null, $"http://127.0.0.1:{apiPort}/health/ready", "0.1.0", 1, [],
            TimeProvider.System.GetUtcNow().AddSeconds(leaseSeconds), ProcessIdentity.Namespace);
        return File.WriteAllBytesAsync(
            lonely.State.PathOf(".service_discovery", "auth.json"), JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.DiscoveryRecord), Stop);
    }

    public sealed class LonelyBackend : IAsyncLifetime
    {
        public TestState State { get; } = new TestState().WithSecrets();

        public ServiceProcess Backend { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Backend = await ServiceProcess.StartAsync("backend", State, null, TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await Backend.DisposeAsync();
            State.Dispose();
        }
    }

    /// <summary>Passes on what is asked of auth.</summary>
    private sealed class InFrontOfAuth : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly HttpClient _auth;
        private volatile bool _areKeysAway;
        private readonly Task _serving;

        public InFrontOfAuth(Uri auth)
        {
            _auth = new HttpClient { BaseAddress = auth };
            Address = $"http://127.0.0.1:{Machine.FreePort()}";
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address { get; }

        /// <summary>By how much the clock behind it is ahead: what it answers is dated later than it is here.</summary>
        public TimeSpan Ahead { get; init; }

        /// <summary>Whether the published keys are not to be had.</summary>
        public bool AreKeysAway
        {
            get => _areKeysAway;
            set => _areKeysAway = value;
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            _auth.CancelPendingRequests();
            await _serving;
            _listener.Close();
            _auth.Dispose();
        }

        private async Task ServeAsync()
        {
            List<Task> passing = [];
            try
            {
                // Side by side: the feed's request is answered only when there is news.
                while (true) passing.Add(PassOnAsync(await _listener.GetContextAsync()));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Stopped.
            }

            await Task.WhenAll(passing);
        }

        private async Task PassOnAsync(HttpListenerContext context)
        {
            try
            {
                await AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or HttpRequestException or ObjectDisposedException or OperationCanceledException or IOException)
            {
                // One side has gone away; the other is told by the end of its connection.
                context.Response.Abort();
            }
        }

        private async Task AnswerAsync(HttpListenerContext context)
        {
            if (AreKeysAway && context.Request.RawUrl == "/.well-known/jwks")
            {
                context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
                context.Response.Close();
                return;
            }

            using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), context.Request.RawUrl);
            if (context.Request.HasEntityBody)
            {
                request.Content = new StreamContent(context.Request.InputStream);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            }

            if (context.Request.Headers["Authorization"] is { } authorization) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var response = await _auth.SendAsync(request);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Response.Headers["Date"] = TimeProvider.System.GetUtcNow().Add(Ahead).ToString("R");
            await context.Response.OutputStream.WriteAsync(await response.Content.ReadAsByteArrayAsync());
            context.Response.Close();
        }
    }
}
