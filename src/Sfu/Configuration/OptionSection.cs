using System.Reflection;

namespace Sfu.Configuration;

/// <summary>One options class and where it lies in the configuration.</summary>
/// <param name="Path">For example <c>Sfu:Http</c>.</param>
/// <param name="Type">The class.</param>
public sealed record OptionSection(string Path, Type Type)
{
    /// <summary>Every options class of the server: the classes <c>...Options</c> of this namespace. Their section is their constant
    /// <c>Section</c>, else <c>Sfu:</c> and their name without <c>Options</c>.</summary>
    public static IReadOnlyList<OptionSection> All { get; } =
    [
        .. typeof(OptionSection).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(OptionSection).Namespace && type.IsClass && !type.IsAbstract
                && type.Name.EndsWith("Options", StringComparison.Ordinal))
            .Select(type => new OptionSection(PathOf(type), type))
            .OrderBy(section => section.Path, StringComparer.Ordinal),
    ];

    /// <summary>The options themselves.</summary>
    public IEnumerable<PropertyInfo> Properties =>
        Type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite || IsList(property));

    /// <summary>The section of an options class.</summary>
    public static string PathOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        ?? $"Sfu:{type.Name[..^"Options".Length]}";

    /// <summary>True for an option that holds several texts.</summary>
    public static bool IsList(PropertyInfo property) => typeof(ICollection<string>).IsAssignableFrom(property.PropertyType);
}
