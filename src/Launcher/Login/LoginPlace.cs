using System.CommandLine;
using Throughline.Contracts.Discovery;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Login;

/// <summary>Which Throughline the shell speaks to, and where a sign-in to it is kept.</summary>
/// <param name="Auth">Its public origin, or the local services' own addresses.</param>
/// <param name="LoginPath">A file of the user alone: in the state's secrets, or among the user's settings for another machine's stack.</param>
internal sealed record LoginPlace(Uri Auth, Uri Backend, Uri WebSocket, string LoginPath)
{
    public static Option<string?> NewOption() => new("--origin")
    {
        Description = "Address of a Throughline on another machine, such as https://spend.example.com. Left out: the stack that runs on this state.",
    };

    public static LoginPlace Of(string? origin, StateDirectory state) => origin is null ? OfState(state) : OfOrigin(origin);

    /// <exception cref="LauncherException">Nothing runs on the state.</exception>
    public static LoginPlace OfState(StateDirectory state)
    {
        var (auth, backend) = (Find(state, "auth"), Find(state, "backend"));
        return new(new(auth.ApiUrl), new(backend.ApiUrl), new(backend.WsUrl!), LoginPathOf(state));
    }

    public static string LoginPathOf(StateDirectory state) => state.PathOf("secrets", "login.json");

    private static LoginPlace OfOrigin(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var origin) || origin.Scheme is not ("http" or "https") || origin.PathAndQuery != "/")
            throw new LauncherException(ExitCode.Configuration, $"'{text}' is no origin.", "Give scheme, host and port, such as --origin https://spend.example.com");
        if (origin.Scheme == "http" && !origin.IsLoopback)
            throw new LauncherException(ExitCode.Configuration, "Over plain HTTP everybody on the way could read the sign-in.", $"Use https://{origin.Authority}");
        var socket = new UriBuilder(origin) { Scheme = origin.Scheme == "http" ? "ws" : "wss", Path = "/ws" };
        return new(origin, origin, socket.Uri, Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "throughline", "logins", $"{origin.Scheme}-{origin.IdnHost}-{origin.Port}.json"));
    }

    private static DiscoveryRecord Find(StateDirectory state, string service) =>
        DiscoveryFiles.Read(state.Root, service).FirstOrDefault()
        ?? throw new LauncherException(
            ExitCode.Other, $"The {service} of {state.Root} is not running.", "Start it with: throughline up --detach (or name another machine's with --origin).");
}
