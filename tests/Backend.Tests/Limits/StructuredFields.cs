using System.Globalization;
using System.Text.RegularExpressions;

namespace Throughline.Backend.Tests.Limits;

/// <summary>Reads a List of Strings with parameters as RFC 9651 §4.2.1 does: what does not fit fails, all of it.</summary>
internal static partial class StructuredFields
{
    public sealed record Item(string Value, IReadOnlyDictionary<string, object> Parameters)
    {
        public long Integer(string key) => (long)Parameters[key];
    }

    public static IReadOnlyList<Item> ReadList(string field)
    {
        var items = new List<Item>();
        var rest = field.AsSpan().Trim(' ').ToString();
        while (rest.Length > 0)
        {
            var value = Take(String(), ref rest)[1..^1];
            var parameters = new Dictionary<string, object>();
            while (rest.StartsWith(';'))
            {
                rest = rest[1..].TrimStart(' ');
                var key = Take(Key(), ref rest);
                Assert.True(rest.StartsWith('='), $"{key} has no value in {field}");
                rest = rest[1..];
                parameters[key] = rest.StartsWith('"')
                    ? Take(String(), ref rest)[1..^1]
                    : long.Parse(Take(Integer(), ref rest), CultureInfo.InvariantCulture);
            }

            items.Add(new(value, parameters));
            rest = rest.TrimStart(' ', '\t');
            if (rest.Length == 0) break;
            Assert.True(rest.StartsWith(','), $"'{rest}' follows an item in {field}");
            rest = rest[1..].TrimStart(' ', '\t');
            Assert.True(rest.Length > 0, $"{field} ends with a comma");
        }

        return items;
    }

    private static string Take(Regex form, ref string rest)
    {
        var match = form.Match(rest);
        Assert.True(match.Success, $"'{rest}' does not begin with {form}");
        rest = rest[match.Length..];
        return match.Value;
    }

    [GeneratedRegex("""^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*""" + "\"")]
    private static partial Regex String();

    [GeneratedRegex("^[a-z*][a-z0-9_.*-]*")]
    private static partial Regex Key();

    [GeneratedRegex("^-?[0-9]{1,15}")]
    private static partial Regex Integer();
}
