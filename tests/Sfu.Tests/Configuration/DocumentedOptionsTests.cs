using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sfu.Configuration;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Configuration;

/// <summary>The table of options in docs/api.md is what the options classes say about themselves.</summary>
public sealed partial class DocumentedOptionsTests
{
    private static readonly Dictionary<string, XElement> Summaries =
        XDocument.Load(Path.ChangeExtension(typeof(OptionSection).Assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    [Fact]
    public void Page_TableOfOptions_IsThatOfTheClasses()
    {
        var table = new StringBuilder("| Option | Default | Meaning |\n|---|---|---|\n");
        foreach (OptionSection section in OptionSection.All) AddRows(table, section.Path, section.Type);

        Repository.AssertPart("docs/api.md", "options", table.ToString());
    }

    [Fact]
    public void Options_All_SayTheirDefault() => Assert.All(
        OptionSection.All.SelectMany(section => section.Properties, (section, property) => (section.Path, property)),
        option => Assert.Matches("[Dd]efault|empty =|, or empty", Meaning(option.property)));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Options_NumbersAndTimes_SayTheirRange(string option, string meaning) =>
        Assert.True(RangeText().IsMatch(meaning), $"{option}: {meaning}");

    public static TheoryData<string, string> Numbers()
    {
        var rows = new TheoryData<string, string>();
        foreach ((string path, PropertyInfo property) in OptionSection.All.SelectMany(section => section.Properties, (section, property) => (section.Path, property)))
        {
            if (property.PropertyType == typeof(int) || property.PropertyType == typeof(TimeSpan)) rows.Add($"{path}:{property.Name}", Meaning(property));
        }

        return rows;
    }

    private static void AddRows(StringBuilder table, string path, Type type)
    {
        object defaults = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in OptionSection.PropertiesOf(type))
        {
            string option = $"{path}:{property.Name}";
            Type? element = OptionSection.ElementOf(property);
            table.Append(CultureInfo.InvariantCulture, $"| `{option}` | {Default(property.GetValue(defaults))} | {Meaning(property)} |\n");
            if (element is not null && element != typeof(string)) AddRows(table, $"{option}:0", element);
        }
    }

    private static string Default(object? value) => value switch
    {
        null or "" or System.Collections.ICollection => "",
        string text when text == Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "sfu") => "`~/.local/share/sfu`",
        bool flag => flag ? "`true`" : "`false`",
        Enum member => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString())}`",
        TimeSpan time => $"`{time:c}`",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string Meaning(PropertyInfo property)
    {
        string key = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        Assert.True(Summaries.ContainsKey(key), $"{key} has no summary");
        var text = new StringBuilder();
        foreach (XNode node in Summaries[key].Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref")?.Value ?? see.Attribute("langword")!.Value).Split('.')[^1]}`",
                XElement other => $"`{other.Value}`",
                _ => "",
            });
        }

        return Blanks().Replace(text.ToString(), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("[0-9].* to .*[0-9`]")]
    private static partial Regex RangeText();
}
