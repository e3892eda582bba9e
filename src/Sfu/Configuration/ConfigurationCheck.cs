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
            string[] siblings = [.. OptionSection.All.Where(section => Same(section.Path, parent)).SelectMany(section => section.Properties).Select(p => p.Name)];
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
           where !OptionSection.IsList(property)
           let path = $"{section.Path}:{property.Name}"
           let text = configuration[path]
           where text is not null && !IsOf(property.PropertyType, text)
           select $"{path} is '{text}'; use {Expected(property.PropertyType)}.",
    ];

    /// <summary>Turns a list that is given as one text with commas, as an environment variable is, into the elements that the binder reads.</summary>
    public static void SplitLists(ConfigurationManager configuration)
    {
        var elements = new Dictionary<string, string?>();
        foreach (OptionSection section in OptionSection.All)
        {
            foreach (PropertyInfo list in section.Properties.Where(OptionSection.IsList))
            {
                string path = $"{section.Path}:{list.Name}";
                if (configuration[path] is not { } text) continue;
                string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                for (int i = 0; i < parts.Length; i++) elements[$"{path}:{i}"] = parts[i];
            }
        }

        if (elements.Count > 0) configuration.AddInMemoryCollection(elements);
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

    private static bool IsKnown(string path) => OptionSection.All.Any(section => section.Properties.Any(property =>
    {
        string option = $"{section.Path}:{property.Name}";
        return Same(path, option) || (OptionSection.IsList(property) && IsUnder(path, option));
    }));

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
