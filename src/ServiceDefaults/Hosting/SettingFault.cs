using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Says what is wrong with a setting in the operator's words: its key as he wrote it, its value, what it must be. The framework names
/// members of classes. No value is repeated that may be a secret: only numbers, times and the like have these faults.
/// </summary>
internal static partial class SettingFault
{
    public static string Of(OptionsValidationException exception, IConfiguration? configuration) =>
        string.Join(" ", exception.Failures.SelectMany(f => NextFault().Split(f)).Select(f => Of(f, configuration)).Distinct());

    /// <summary>What the binder could not read.</summary>
    /// <remarks><c>Failed to convert configuration value 'x' at 'Listen:Port' to type 'System.Int32'.</c></remarks>
    public static string Of(string message) => Conversion().Match(message) is { Success: true } m
        ? $"{m.Groups["key"].Value} is '{m.Groups["value"].Value}': set it to {WordsFor(m.Groups["type"].Value)}."
        : message;

    private static string Of(string failure, IConfiguration? configuration)
    {
        // "Window: The field LimitOptions.Window must be between 00:00:01 and 01:00:00."
        if (Range().Match(failure) is { Success: true } m && KeyOf(m.Groups["member"].Value, configuration) is { } key)
            return $"{key} is '{configuration![key]}': set it to a value from {m.Groups["least"].Value} to {m.Groups["most"].Value}.";
        // "Issuer: Auth:Issuer is missing …": the sentence names the key itself.
        return Prefix().Replace(failure, "");
    }

    /// <summary>Only a value that was set can be wrong, so the key is in the configuration, one section deep.</summary>
    private static string? KeyOf(string member, IConfiguration? configuration)
    {
        var keys = configuration?.GetChildren().Where(section => section[member] is not null).Select(section => $"{section.Key}:{member}").Take(2).ToList();
        return keys is [var only] ? only : null;
    }

    private static string WordsFor(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Double" or "System.Decimal" => "a number",
        "System.Boolean" => "true or false",
        "System.TimeSpan" => "a time, such as 00:00:30 or 1.00:00:00",
        "System.Uri" => "a URL",
        _ => string.Create(CultureInfo.InvariantCulture, $"a value of the kind {type}"),
    };

    [GeneratedRegex(@"^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']+)' to type '(?<type>[^']+)'\.$", RegexOptions.Singleline)]
    private static partial Regex Conversion();

    [GeneratedRegex(@"The field \w+\.(?<member>\w+) must be between (?<least>\S+) and (?<most>\S+)\.$")]
    private static partial Regex Range();

    /// <remarks>Generated validators join what they find: <c>Issuer: …; Window: …</c>; a sentence of ours may hold a semicolon, too.</remarks>
    [GeneratedRegex(@"; (?=\w+: )")]
    private static partial Regex NextFault();

    [GeneratedRegex(@"^\w+: (?=\w+:\w)")]
    private static partial Regex Prefix();
}
