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
                && type.Name.EndsWith("Options", StringComparison.Ordinal) && !IsElement(type))
            .Select(type => new OptionSection(PathOf(type), type))
            .OrderBy(section => section.Path, StringComparer.Ordinal),
    ];

    /// <summary>The options themselves.</summary>
    public IEnumerable<PropertyInfo> Properties => PropertiesOf(Type);

    /// <summary>The options of a class.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite || ElementOf(property) is not null);

    /// <summary>The section of an options class.</summary>
    public static string PathOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        ?? $"Sfu:{type.Name[..^"Options".Length]}";

    /// <summary>True for an option that holds several texts.</summary>
    public static bool IsList(PropertyInfo property) => ElementOf(property) == typeof(string);

    /// <summary>What a list option holds: text, or a class of this namespace; null when it is no list.</summary>
    public static Type? ElementOf(PropertyInfo property) =>
        property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IList<>)
            ? property.PropertyType.GetGenericArguments()[0]
            : null;

    /// <summary>A class whose objects are elements of another one's list has no section of its own.</summary>
    private static bool IsElement(Type type) => typeof(OptionSection).Assembly.GetTypes()
        .Where(owner => owner.Namespace == typeof(OptionSection).Namespace && owner.IsClass)
        .SelectMany(owner => owner.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        .Any(property => ElementOf(property) == type);
}
