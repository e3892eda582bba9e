using System.Reflection;

namespace Sfu.Architecture.Tests;

/// <summary>Names that would hide a namespace or blur the product's words.</summary>
public sealed class NamingTests
{
    private static readonly Assembly[] Own = [.. new[] { "Sfu.Media", "Sfu.Router", "Sfu.Recorder", "Sfu" }.Select(Assembly.Load)];

    [Fact]
    public void Types_AreNotNamed_LikeAProject()
    {
        string[] reserved = ["Media", "Router", "Recorder", "Sfu"];

        Assert.DoesNotContain(Own.SelectMany(assembly => assembly.GetTypes()), type => reserved.Contains(type.Name));
    }

    [Fact]
    public void Namespaces_Follow_TheirAssembly() =>
        Assert.All(
            Own.SelectMany(assembly => assembly.GetTypes().Where(type => type.Namespace is not null && type.IsPublic && !IsGenerated(type)).Select(type => (assembly, type))),
            pair => Assert.StartsWith(pair.assembly.GetName().Name!, pair.type.Namespace, StringComparison.Ordinal));

    [Fact]
    public void Words_NotUsedForOurParts_DoNotNameTypes()
    {
        // Producer and Consumer name what the server holds; these would name the same things from a changing point of view.
        string[] unused = ["Uptrack", "Downtrack", "Peer"];

        Assert.DoesNotContain(
            Own.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsPublic),
            type => unused.Any(word => type.Name.StartsWith(word, StringComparison.Ordinal)));
    }

    /// <summary>Orleans puts what it makes for our types into a namespace of its own.</summary>
    private static bool IsGenerated(Type type) => type.Namespace!.StartsWith("OrleansCodeGen.", StringComparison.Ordinal);
}
