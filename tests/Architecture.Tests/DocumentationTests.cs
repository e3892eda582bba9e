using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Sfu.Architecture.Tests;

/// <summary>Every public type says what it is.</summary>
public sealed class DocumentationTests
{
    [Theory]
    [InlineData("Sfu.Media")]
    [InlineData("Sfu.Router")]
    [InlineData("Sfu.Recorder")]
    [InlineData("Sfu")]
    [InlineData("sfu-verify")]
    public void PublicTypes_HaveASummary(string name)
    {
        Assembly assembly = Assembly.Load(name);
        HashSet<string> documented = [.. XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => IsDocumented(member)).Select(member => member.Attribute("name")!.Value)];

        Assert.DoesNotContain(
            assembly.GetExportedTypes().Where(type => !IsGenerated(type)).Select(type => $"T:{type.FullName!.Replace('+', '.')}"),
            id => !documented.Contains(id));
    }

    private static bool IsDocumented(XElement member) =>
        member.Element("inheritdoc") is not null || member.Element("summary") is { } summary && summary.Nodes().Any();

    /// <summary>Orleans' proxies and codecs, and what the compiler makes of top-level statements.</summary>
    private static bool IsGenerated(Type type) =>
        type.Namespace is null || type.Namespace.StartsWith("OrleansCodeGen", StringComparison.Ordinal)
        || type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), inherit: false);
}
