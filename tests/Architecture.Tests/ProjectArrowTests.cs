using System.Reflection;

namespace Sfu.Architecture.Tests;

/// <summary>The arrows between the projects: Sfu to Router and Recorder, both to Media, and no other; the verifier stands alone, the deriver uses the recorder.</summary>
public sealed class ProjectArrowTests
{
    private const string Media = "Sfu.Media";
    private const string Router = "Sfu.Router";
    private const string Recorder = "Sfu.Recorder";
    private const string Server = "Sfu";
    private const string Verifier = "sfu-verify";
    private const string Deriver = "sfu-derive";

    [Theory]
    [InlineData(Media)]
    [InlineData(Router, Media)]
    [InlineData(Recorder, Media)]
    [InlineData(Server, Router, Recorder, Media)]
    [InlineData(Verifier)]
    [InlineData(Deriver, Recorder, Media)]
    public void Assembly_References_OnlyWhatTheArrowsAllow(string assembly, params string[] allowed)
    {
        IEnumerable<string> own = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name is Server or Verifier or Deriver || name.StartsWith("Sfu.", StringComparison.Ordinal));

        Assert.Empty(own.Except(allowed));
    }

    [Theory]
    [InlineData(Media)]
    [InlineData(Router)]
    [InlineData(Recorder)]
    public void LowerLayers_Reference_NoHostingOrGrains(string assembly)
    {
        IEnumerable<string> forbidden = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !(assembly == Recorder && name == "Microsoft.Data.Sqlite"))     // the vault of wrapped keys
            .Where(name => name.StartsWith("Orleans", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.", StringComparison.Ordinal)
                || name.StartsWith("Prometheus", StringComparison.Ordinal));

        Assert.Empty(forbidden);
    }

    [Fact]
    public void Verifier_Uses_OnlyTheBaseLibraryAndPkcs() =>
        Assert.All(Assembly.Load(Verifier).GetReferencedAssemblies(), reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    [Fact]
    public void Media_Uses_OnlyTheBaseLibrary()
    {
        string[] allowed = ["System.", "mscorlib", "netstandard"];
        string[] forbidden = ["System.Net.Sockets", "System.Net.Http", "System.Threading.Timer", "System.Console"];
        List<string> references = [.. Assembly.Load(Media).GetReferencedAssemblies().Select(reference => reference.Name!)];

        Assert.All(references, name => Assert.Contains(allowed, prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.Empty(references.Intersect(forbidden));
    }

    [Fact]
    public void RouterAndRecorder_Meet_OnlyThroughTheTapOfMedia()
    {
        Assert.DoesNotContain(Assembly.Load(Router).GetReferencedAssemblies(), reference => reference.Name == Recorder);
        Assert.DoesNotContain(Assembly.Load(Recorder).GetReferencedAssemblies(), reference => reference.Name == Router);
        Assert.Equal(Media, Assembly.Load(Media).GetType("Sfu.Media.Buffers.IPacketTap", throwOnError: true)!.Assembly.GetName().Name);
    }
}
