using System.Diagnostics;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

/// <summary>One stack for those tests that leave it running.</summary>
public sealed class ARunningStack(ARunningStack.Running running) : IClassFixture<ARunningStack.Running>
{
    [Fact]
    public async Task Refuses_a_second_launcher_on_its_state()
    {
        var (code, _, errors) = await Launched.RunAsync(["up", "--no-open", "--state", running.State.Root], TestContext.Current.CancellationToken);

        Assert.Equal(2, code);
        Assert.Contains($"already runs on {running.State.Root} (launcher process {running.Stack.Launcher.Pid})", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_a_service_that_was_killed_again_with_a_new_record()
    {
        var stop = TestContext.Current.CancellationToken;
        var before = running.Stack.RecordOf("auth");
        using (var process = Process.GetProcessById(before.Pid))
            process.Kill();

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var after = await running.State.WaitForRecordAsync("auth", r => r.Instance != before.Instance, limit.Token);

        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal(before.Run, after.Run);
    }

    [Fact]
    public async Task Shows_each_service_with_address_and_health()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        JsonElement status;
        do
        {
            // Another test of this class may just have killed a service.
            var (_, output, _) = await Launched.RunAsync(["status", "--json", "--state", running.State.Root], limit.Token);
            status = JsonDocument.Parse(output).RootElement;
        }
        while (status.GetProperty("services").GetArrayLength() < 4);

        Assert.True(status.GetProperty("isRunning").GetBoolean());
        Assert.Equal(["store", "auth", "backend", "frontend"], status.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("name").GetString()!));
    }

    [Fact]
    public void Says_where_mail_lies_and_where_the_first_administrators_password_is()
    {
        var ready = JsonDocument.Parse(running.Stack.Launcher.Output.Single(line => LaunchedStack.EventOf(line) == "ready")).RootElement;

        Assert.Equal(running.State.PathOf("mail"), ready.GetProperty("mail").GetString());
        var password = ready.GetProperty("adminPassword").GetString()!;
        Assert.Equal(running.State.PathOf("secrets", "admin-password"), password);
        Assert.DoesNotContain(File.ReadAllText(password), running.Stack.Launcher.Transcript, StringComparison.Ordinal);
    }

    public sealed class Running : Platform;
}
