using System.Text.RegularExpressions;

namespace Throughline.Verify.Rules;

/// <summary>
/// Reads the one line in which a service or the launcher says why it cannot start. The sentences are the product's own, and name the
/// setting or the file; this tells which fault each is. Nothing else in a log is read.
/// </summary>
public static partial class StartWords
{
    /// <summary>What the line says is wrong, and the fix.</summary>
    public sealed record Reading(string Component, string Fault, Fix Fix);

    /// <returns>Null where the line is none of those.</returns>
    public static Reading? Read(string service, string told)
    {
        ArgumentNullException.ThrowIfNull(told);
        var fault = FaultOf(told);
        return fault is null ? null : new Reading(ComponentOf(service, fault), fault, new Fix(RemedyIn(told)));
    }

    /// <summary>For an end of the launcher: its exit code decides where the words do not.</summary>
    public static Reading OfExit(int? exitCode, string service, string told) => Read(service, told) ?? new Reading(service, exitCode switch
    {
        ServiceDefaults.ExitCode.Configuration => FaultCodes.Configuration,
        ServiceDefaults.ExitCode.SigningMismatch => FaultCodes.DifferentSecrets,
        ServiceDefaults.ExitCode.Store => FaultCodes.WrongPassword,
        ServiceDefaults.ExitCode.Port => FaultCodes.PortTaken,
        ServiceDefaults.ExitCode.MissingDependency => FaultCodes.Unreachable,
        _ => FaultCodes.CrashLoop,
    }, new Fix(RemedyIn(told)));

    private static string? FaultOf(string told) =>
        Has(told, "hold different secrets") ? FaultCodes.DifferentSecrets
        : Has(told, "has a JWT_SECRET_KEY, but") ? FaultCodes.DifferentAlgorithms
        : Has(told, "accepts tokens of the issuer") ? FaultCodes.DifferentIssuers
        : Has(told, "accepts tokens for") ? FaultCodes.DifferentAudiences
        : Has(told, "does not hold the keys") ? FaultCodes.DifferentKeys
        : Has(told, "does not accept the secret of") ? FaultCodes.WrongClientSecret
        : Has(told, "answers, not auth") ? FaultCodes.WrongAddress
        : Has(told, "refuses our password") ? FaultCodes.WrongPassword
        : Setting().IsMatch(told) ? FaultCodes.Configuration
        : Has(told, "is damaged, or is no database") ? FaultCodes.DatabaseDamaged
        : Has(told, "could not open its data") ? FaultCodes.DataUnreadable
        : Has(told, "database") && Has(told, "is held by another program") ? FaultCodes.DatabaseLocked
        : Has(told, "database") && Has(told, "is read-only") ? FaultCodes.DatabaseReadOnly
        : Has(told, "disk that holds the database") || Has(told, "writes to is full") ? FaultCodes.DiskFull
        : Has(told, "database") && (Has(told, "cannot be opened") || Has(told, "cannot be read or written")) ? FaultCodes.DatabaseReadOnly
        : Has(told, "takes no writes now") || Has(told, "lacks a right at") ? FaultCodes.DatabaseReadOnly
        : Has(told, "has no such database") ? FaultCodes.DatabaseMissing
        : Has(told, "refuses the user or its password") ? FaultCodes.DatabasePassword
        : Has(told, "PostgreSQL at") && (Has(told, "does not answer") || Has(told, "lets nobody in")) ? FaultCodes.DatabaseUnreachable
        : Has(told, "has schema version") || Has(told, "database is newer") ? FaultCodes.DatabaseUnmigrated
        : Has(told, "address already in use") || Has(told, "is free for Orleans") || (Has(told, "port") && Has(told, "is held by")) ? FaultCodes.PortTaken
        : Has(told, "The folder for temporary files") ? FaultCodes.NoTemporaryFiles
        : Has(told, "secret") && Has(told, "is missing") ? FaultCodes.MissingSecret
        : Has(told, "is not the master key") || Has(told, "with another master key") ? FaultCodes.OtherMasterKey
        : Has(told, "is not private") || Has(told, "others may read it") ? FaultCodes.NotPrivate
        : Has(told, "is not the JSON of settings") || Has(told, "which the launcher decides") || Has(told, "give it to the user who runs the services") ? FaultCodes.Configuration
        : null;

    /// <remarks><c>Limits:Window is …</c>: what is wrong with a setting begins with its name.</remarks>
    [GeneratedRegex(@"(^|: )([A-Z]\w*(:[A-Z]\w*)+|JWT_SECRET_KEY)(=\w+)? ")]
    private static partial Regex Setting();

    private static string ComponentOf(string service, string fault) => fault switch
    {
        FaultCodes.DifferentSecrets or FaultCodes.DifferentAlgorithms or FaultCodes.DifferentIssuers or FaultCodes.DifferentAudiences or FaultCodes.DifferentKeys => "signing",
        FaultCodes.WrongPassword => "store",
        FaultCodes.NoTemporaryFiles => "machine",
        FaultCodes.NotPrivate or FaultCodes.MissingSecret when service is "launcher" => "launcher",
        _ => service,
    };

    /// <summary>After the colon stands what to do: the product's sentences are made so.</summary>
    private static string RemedyIn(string told)
    {
        var at = told.LastIndexOf(": ", StringComparison.Ordinal);
        var remedy = (at < 0 ? told : told[(at + 2)..]).Trim();
        return remedy.Length == 0 ? told : char.ToUpperInvariant(remedy[0]) + remedy[1..];
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
