using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using Sfu.Security;

namespace Sfu.Configuration;

/// <summary>Prepares the section <c>Sfu</c> before it is bound: finds misspelt options and splits lists given as one text.</summary>
public static class ConfigurationCheck
{
    /// <summary>Sentences about settings under <c>Sfu</c> that no option has (a misspelt one would silently leave its default).</summary>
    public static IReadOnlyList<string> FindUnknown(IConfiguration configuration)
    {
        var problems = new List<string>();
        foreach (IConfigurationSection leaf in Leaves(configuration.GetSection(ServerOptions.Section)))
        {
            if (IsUnder(leaf.Path, ApiKeyReader.Section) || IsKnown(leaf.Path)) continue;
            string parent = leaf.Path[..leaf.Path.LastIndexOf(':')];
            string[] siblings =
                [.. OptionSection.All.Where(section => Same(section.Path, parent)).SelectMany(section => section.Properties).Select(p => p.Name)];
            problems.Add(siblings.Length == 0
                ? $"{leaf.Path} is no option of this server; docs/api.md lists them."
                : $"{leaf.Path} is no option; {parent} has {string.Join(", ", siblings)}.");
        }

        return problems;
    }

    /// <summary>Sentences about settings whose text is no value of their option's type.</summary>
    public static IReadOnlyList<string> FindMistyped(IConfiguration configuration) =>
    [
        .. from section in OptionSection.All
           from property in section.Properties
           where OptionSection.ElementOf(property) is null
           let path = $"{section.Path}:{property.Name}"
           let text = configuration[path]
           where text is not null && !IsOf(property.PropertyType, text)
           select $"{path} is '{text}'; use {Expected(property.PropertyType)}.",
    ];

    /// <summary>Turns a list that is given as one text with commas, as an environment variable is, into the elements that the binder reads.</summary>
    public static void SplitLists(ConfigurationManager configuration)
    {
        var elements = new Dictionary<string, string?>();
        foreach (OptionSection section in OptionSection.All) Split(section.Path, section.Properties);

        if (elements.Count > 0) configuration.AddInMemoryCollection(elements);

        void Split(string parent, IEnumerable<PropertyInfo> properties)
        {
            foreach (PropertyInfo list in properties)
            {
                string path = $"{parent}:{list.Name}";
                Type? element = OptionSection.ElementOf(list);
                if (element == typeof(string) && configuration[path] is { } text)
                {
                    string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    for (int i = 0; i < parts.Length; i++) elements[$"{path}:{i}"] = parts[i];
                }
                else if (element is not null && element != typeof(string))
                {
                    foreach (IConfigurationSection item in configuration.GetSection(path).GetChildren()) Split(item.Path, OptionSection.PropertiesOf(element));
                }
            }
        }
    }

    private static bool IsOf(Type type, string text)
    {
        try
        {
            // The binder converts by the same converters.
            return type == typeof(string) || TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Expected(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum) return string.Join(", ", Enum.GetNames(plain).Select(name => JsonNamingPolicy.SnakeCaseLower.ConvertName(name)));
        if (plain == typeof(bool)) return "true or false";
        if (plain == typeof(TimeSpan)) return "a time such as 00:00:30 (d.hh:mm:ss)";
        return plain == typeof(double) ? "a number" : "a whole number";
    }

    private static bool IsKnown(string path) =>
        OptionSection.All.Any(section => section.Properties.Any(property => Matches(path, section.Path, property)));

    private static bool Matches(string path, string parent, PropertyInfo property)
    {
        string option = $"{parent}:{property.Name}";
        if (Same(path, option)) return true;
        if (!IsUnder(path, option) || OptionSection.ElementOf(property) is not { } element) return false;

        string[] rest = path[(option.Length + 1)..].Split(':', 2); // the element's number, and what is in it
        if (element == typeof(string)) return rest.Length == 1;
        return rest.Length == 2 && OptionSection.PropertiesOf(element).Any(inner => Matches($"{option}:{rest[0]}:{rest[1]}", $"{option}:{rest[0]}", inner));
    }

    private static IEnumerable<IConfigurationSection> Leaves(IConfigurationSection section)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (child.Value is not null) yield return child;
            foreach (IConfigurationSection leaf in Leaves(child)) yield return leaf;
        }
    }

    private static bool IsUnder(string path, string parent) => path.StartsWith(parent + ":", StringComparison.OrdinalIgnoreCase);

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
