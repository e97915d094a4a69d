using System.Globalization;
using Microsoft.Extensions.Configuration;
using Throughline.Launcher.Ports;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Doctor;

/// <summary>What each service would be told if the stack were started now: the environment, what the launcher adds, its own settings.</summary>
internal sealed class SettingChecks(StateDirectory state, StackOptions options)
{
    /// <summary>Everything that would stop a start, in the words that the service would use.</summary>
    public IEnumerable<Finding> Look()
    {
        var told = new Dictionary<string, IConfiguration>();
        foreach (var service in Status.StatusReader.Services)
        {
            var (configuration, fault) = Read(service);
            if (configuration is not null) told[service] = configuration;
            yield return fault ?? Finding.Good($"settings of {service}", File.Exists(ServiceSettings.PathOf(state.Root, service)) ? "read" : "none of its own");
            if (configuration is not null && PortFault(service, configuration) is { } port) yield return port;
        }

        if (told.TryGetValue("auth", out var auth) && told.TryGetValue("backend", out var backend))
            yield return Signing(auth, backend);
    }

    /// <summary>Whether issuer and verifier would hold the same; the sentence is the one that the backend would end with.</summary>
    private static Finding Signing(IConfiguration auth, IConfiguration backend)
    {
        TokenOptions issues, accepts;
        try
        {
            (issues, accepts) = (OptionsOf(auth), OptionsOf(backend));
        }
        catch (StartupException e)
        {
            return Finding.Bad("signing", e.Message, null, e.ExitCode);
        }

        var difference = SigningAgreement.Disagreement("backend", SigningStatement.Of(accepts), SigningStatement.Of(issues));
        if (difference is null && issues.Secret is { } one && accepts.Secret is { } other && !SigningAgreement.AreSame(one, other))
            difference = SigningAgreement.DifferentSecrets("backend");
        return difference is null
            ? Finding.Good("signing", $"auth and backend agree ({issues.Algorithm.Name})")
            : Finding.Bad("signing", difference, null, ExitCode.SigningMismatch);
    }

    private static TokenOptions OptionsOf(IConfiguration configuration)
    {
        var issuer = configuration["Auth:Issuer"] ?? "";
        return TokenOptions.IssuerFault(issuer) is { } fault
            ? throw new StartupException(ExitCode.Configuration, fault)
            : new TokenOptions { Issuer = issuer, Secret = SharedSecret.Of(configuration) };
    }

    private (IConfiguration? Configuration, Finding? Fault) Read(string service)
    {
        try
        {
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables()
                .AddInMemoryCollection(StackPlan.ToldTo(service, options, state))
                .AddInMemoryCollection(ServiceSettings.Read(state.Root, service) ?? new Dictionary<string, string?>()).Build();
            return ConfiguredAddresses.FaultOf(configuration) is { } fault
                ? (null, Finding.Bad($"settings of {service}", fault, null, ExitCode.Configuration))
                : (configuration, null);
        }
        catch (StartupException e)
        {
            return (null, Finding.Bad($"settings of {service}", e.Message, null, e.ExitCode));
        }
    }

    /// <summary>A port that the settings name is taken as it is; the launcher gives out others only in its own stead.</summary>
    private static Finding? PortFault(string service, IConfiguration configuration)
    {
        if (configuration["Listen:Port"] is not { } text) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            return Finding.Bad($"port of {service}", $"Listen:Port is '{text}': set it to a number from 0 to 65535.", null, ExitCode.Configuration);
        return port == 0 || PortAllocator.IsFree(port)
            ? null
            : Finding.Bad(
                $"port of {service}", $"port {port} (Listen:Port) is held by {PortHolder.Find(port)?.ToString() ?? "another program"}", "Stop it, or set another port.", ExitCode.Port);
    }
}
