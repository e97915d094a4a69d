namespace Throughline.Launcher.Stack;

internal enum ServiceState
{
    Starting,
    Ready,
    Degraded,
    Unhealthy,
    Restarting,
    Failed,
    Stopping,
    Stopped,
}

/// <summary>One line of <c>up --json</c>: a service changed its state, or the whole stack did.</summary>
/// <param name="Event"><c>service</c>, <c>ready</c>, <c>stopping</c>, <c>stopped</c> or <c>failed</c>.</param>
/// <param name="Address">Where the service listens; for <c>ready</c>, the public origin.</param>
/// <param name="ElapsedMs">Since the launcher began to start, milliseconds.</param>
/// <param name="Detail">Why, in words, where something is not as it should be.</param>
/// <param name="Lines">The service's last log lines, where it died.</param>
/// <param name="Mail">With <c>ready</c>: the folder where mail ends, or <c>smtp</c>.</param>
/// <param name="AdminPassword">With <c>ready</c>: the file that holds the first administrator's password.</param>
/// <param name="FormerOrigin">With <c>ready</c>: the public origin until this start, where it is another now.</param>
internal sealed record StackEvent(
    string Event, double ElapsedMs, string? Service = null, ServiceState? State = null, string? Address = null, int? Pid = null,
    int? ExitCode = null, string? Detail = null, IReadOnlyList<string>? Lines = null, string? Mail = null, string? AdminPassword = null,
    string? FormerOrigin = null)
{
    /// <summary>What whoever starts a stack must know to sign in, in words.</summary>
    public IEnumerable<string> Notes()
    {
        if (FormerOrigin is { } former)
            yield return $"It was {former} until now: everybody signs in anew, and passkeys made there are of no use here.";
        if (Mail is { } mail)
            yield return mail == "smtp" ? "Mail is sent by SMTP." : $"Mail is not sent; it lies in {mail}";
        if (AdminPassword is { } password)
            yield return $"The first administrator is admin@throughline.local; its first password is in {password}";
    }
}
