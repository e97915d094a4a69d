using Microsoft.Extensions.DependencyInjection;

namespace Throughline.ServiceDefaults;

/// <summary>Whether the container could make types that are not registered but made by a framework, such as grains.</summary>
public static class Constructors
{
    public static CompositionItem Look(string name, IEnumerable<Type> types, IServiceProvider services)
    {
        var known = services.GetRequiredService<IServiceProviderIsService>();
        var all = types.ToList();
        return new(name, all.Count, [.. all.SelectMany(type => type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters()
            .Where(p => !p.HasDefaultValue && p.CustomAttributes.All(a => a.AttributeType.Namespace?.StartsWith("Orleans", StringComparison.Ordinal) != true) && !known.IsService(p.ParameterType))
            .Select(p => $"{type.Name} needs {p.ParameterType.Name}, which is not registered."))]);
    }
}
