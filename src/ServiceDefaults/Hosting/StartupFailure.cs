using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Turns what stopped a start into one line and an exit code.</summary>
/// <param name="Message">One line for standard error.</param>
internal sealed record StartupFailure(int ExitCode, string Message)
{
    /// <returns>Null for an exception that nobody foresaw: that one keeps its stack trace, in the log.</returns>
    /// <param name="configuration">Where a wrong value came from, so that its key can be named.</param>
    public static StartupFailure? Of(Exception exception, IConfiguration? configuration = null) => exception switch
    {
        StartupException known => new(known.ExitCode, known.Message),
        OptionsValidationException options => new(ServiceDefaults.ExitCode.Configuration, SettingFault.Of(options, configuration)),
        // Kestrel's wrapper names the address; the exception inside does not.
        IOException { InnerException: AddressInUseException } inUse =>
            new(ServiceDefaults.ExitCode.Port, $"{inUse.Message.TrimEnd('.')}: stop the program that holds it, or set Listen:Port to another port."),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } socket =>
            new(ServiceDefaults.ExitCode.Port, socket.Message),
        // The binder wraps a value that does not parse: "Failed to convert configuration value 'x' at 'Listen:Port' to type …".
        InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } bound
            when bound.Message.Contains(" at '", StringComparison.Ordinal) => new(ServiceDefaults.ExitCode.Configuration, SettingFault.Of(bound.Message)),
        AggregateException many => many.InnerExceptions.Select(e => Of(e, configuration)).FirstOrDefault(f => f is not null),
        { InnerException: { } inner } => Of(inner, configuration),
        _ => null,
    };

    public static int Report(string service, Exception exception, IConfiguration? configuration = null)
    {
        var failure = Of(exception, configuration);
        Console.Error.WriteLine(failure is null
            ? $"{service} could not go on: {exception}"
            : $"{service}: {failure.Message.ReplaceLineEndings(" ")}");
        return failure?.ExitCode ?? ServiceDefaults.ExitCode.Other;
    }
}
