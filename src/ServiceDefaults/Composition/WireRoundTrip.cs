using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts;

namespace Throughline.ServiceDefaults;

/// <summary>Writes and reads a value of every wire type, with every member set: what does not come back the same is lost on the wire.</summary>
internal static class WireRoundTrip
{
    private const int Deepest = 6;

    public static CompositionItem Look()
    {
        var types = typeof(WireJson).GetCustomAttributesData().Where(a => a.AttributeType == typeof(JsonSerializableAttribute))
            .Select(a => (Type)a.ConstructorArguments[0].Value!)
            .SelectMany(type => type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(d => (Declared: type, Actual: d.DerivedType)).DefaultIfEmpty((Declared: type, Actual: type)))
            .ToList();
        return new("wire", types.Count, [.. types.Select(t => FaultOf(t.Declared, t.Actual)).OfType<string>()]);
    }

    private static string? FaultOf(Type declared, Type actual)
    {
        try
        {
            var info = WireJson.Default.GetTypeInfo(declared) ?? throw new InvalidOperationException("the context does not know it");
            var first = JsonSerializer.Serialize(Sample(actual, 0), info);
            var second = JsonSerializer.Serialize(JsonSerializer.Deserialize(first, info), info);
            var lost = MembersOf(actual).Where(m => !first.Contains($"\"{m}\"", StringComparison.OrdinalIgnoreCase)).ToList();
            return first != second ? $"{actual.Name} does not come back as it was sent: {first} became {second}."
                : lost.Count > 0 ? $"{actual.Name} is sent without {string.Join(", ", lost)}."
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or TargetInvocationException)
        {
            return $"{actual.Name}: {e.Message}";
        }
    }

    /// <summary>Wire names of what the constructor takes.</summary>
    private static IEnumerable<string> MembersOf(Type type) => (ConstructorOf(type)?.GetParameters() ?? [])
        .Select(p => type.GetProperty(p.Name!, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? p.Name!);

    private static ConstructorInfo? ConstructorOf(Type type) => type.GetConstructors().MaxBy(c => c.GetParameters().Length);

    private static object? Sample(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "text";
        if (type == typeof(Guid)) return Guid.Parse("0198c0de-0000-7000-8000-000000000001");
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        if (type == typeof(DateOnly)) return new DateOnly(2026, 1, 2);
        if (type == typeof(bool)) return true;
        if (type == typeof(JsonElement)) return JsonElement.Parse("""{"a":1}""");
        if (type.IsEnum) return Enum.GetValues(type) is { Length: > 0 } values ? values.GetValue(values.Length - 1) : null;
        if (type.IsPrimitive) return Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)) return Dictionary(value, depth);
        if (type.IsArray || (type.IsGenericType && type.GetGenericArguments() is [_] && type.IsInterface)) return List(type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0], depth);
        if (depth > Deepest || type.IsAbstract) return null;
        return ConstructorOf(type)?.Invoke([.. ConstructorOf(type)!.GetParameters().Select(p => Sample(p.ParameterType, depth + 1))]);
    }

    private static Array List(Type item, int depth)
    {
        var list = Array.CreateInstance(item, 1);
        list.SetValue(Sample(item, depth + 1), 0);
        return list;
    }

    private static object Dictionary(Type value, int depth)
    {
        var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        dictionary["key"] = Sample(value, depth + 1);
        return dictionary;
    }
}
