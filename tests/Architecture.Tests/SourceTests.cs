using System.Text.RegularExpressions;

namespace Sfu.Architecture.Tests;

/// <summary>Rules on the files themselves: namespaces, folders, length, banned symbols, native bindings.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 500;

    private static readonly string[] MediaFolders =
        ["Rtp", "Rtcp", "Sdp", "Ice", "Dtls", "Srtp", "Codecs", "Jitter", "Congestion", "Audio", "Video", "Native", "Buffers", "Time"];

    private static readonly string[] RouterFolders =
    [
        "Workers", "Transport", "Rooms", "Producers", "Consumers", "Layers", "KeyFrames", "Bandwidth", "Feedback", "Processing", "Pipes", "Taps",
        "Configuration", "Observability", "Overload", "WarmUp",
    ];

    [Fact]
    public void Sources_AreFound()
    {
        Assert.Contains("src/Media/Rtp/RtpHeader.cs", Repository.Sources("src"));
        Assert.Contains("tests/Architecture.Tests/SourceTests.cs", Repository.Sources("tests"));
    }

    [Theory]
    [InlineData("src/Media", "Sfu.Media")]
    [InlineData("src/Router", "Sfu.Router")]
    [InlineData("src/Recorder", "Sfu.Recorder")]
    [InlineData("src/Sfu", "Sfu")]
    [InlineData("src/Verify", "Sfu.Verify")]
    [InlineData("src/Derive", "Sfu.Derive")]
    public void Namespaces_FollowTheFolders(string project, string root)
    {
        IEnumerable<string> wrong = Repository.Sources(project)
            .Select(path => (Path: path, Actual: Namespace().Match(Repository.Read(path)).Groups[1].Value, Expected: Expected(path, project, root)))
            .Where(file => file.Actual.Length > 0 && file.Actual != file.Expected)
            .Select(file => $"{file.Path} is in {file.Actual}, not {file.Expected}");

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void Files_AreNotLong(string folder) =>
        Assert.DoesNotContain(Repository.Sources(folder), path => Repository.Read(path).Count(c => c == '\n') > MaxLines);

    [Fact]
    public void Media_HasTheFoldersOfTheDesign() => AssertFolders("src/Media", MediaFolders);

    [Fact]
    public void Router_HasTheFoldersOfTheDesign() => AssertFolders("src/Router", RouterFolders);

    [Theory]
    [InlineData("src/Media/Media.csproj", "src/Media/BannedSymbols.txt",
        "T:System.DateTime;", "T:System.DateTimeOffset;", "T:System.TimeProvider;", "T:System.Diagnostics.Stopwatch;", "T:System.Threading.Timer;",
        "T:System.Threading.Thread;", "T:System.Threading.Tasks.Task;", "T:System.Net.Sockets.Socket;", "T:System.IO.File;", "T:System.Random;",
        "T:System.Security.Cryptography.RandomNumberGenerator;", "M:System.Guid.NewGuid;")]
    [InlineData("src/Router/Router.csproj", "src/Router/BannedSymbols.txt",
        "T:System.DateTime;", "T:System.DateTimeOffset;", "T:System.Threading.Timer;", "T:System.Net.Sockets.Socket;", "T:System.Random;", "M:System.Guid.NewGuid;")]
    public void BannedSymbols_AreListedAndHandedToTheAnalyzer(string project, string list, params string[] symbols)
    {
        string banned = Repository.Read(list);

        Assert.All(symbols, symbol => Assert.Contains(symbol, banned, StringComparison.Ordinal));
        Assert.Contains("<AdditionalFiles Include=\"BannedSymbols.txt\" />", Repository.Read(project), StringComparison.Ordinal);
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", Repository.Read("Directory.Packages.props"), StringComparison.Ordinal);
        Assert.DoesNotContain("RS0030", Repository.Read(project), StringComparison.Ordinal);      // the rule is not switched off
    }

    [Fact]
    public void BannedSymbols_AreNotAllowedByPragma() =>
        Assert.DoesNotContain(
            Repository.Sources("src/Media").Concat(Repository.Sources("src/Router")),
            path => Repository.Read(path).Contains("disable RS0030", StringComparison.Ordinal));

    [Fact]
    public void NativeBindings_LiveInNativeFolders() =>
        Assert.DoesNotContain(
            Repository.Sources("src").Where(path => !path.Contains("/Native/", StringComparison.Ordinal)),
            path => NativeImport().IsMatch(Repository.Read(path)));

    [Fact]
    public void Clock_OfTheDataPlane_IsReadInOnePlace() =>
        Assert.Equal(
            ["src/Router/Workers/MonotonicClock.cs"],
            Repository.Sources("src/Router").Where(path => Repository.Read(path).Contains("Stopwatch", StringComparison.Ordinal)));

    private static void AssertFolders(string project, string[] allowed) =>
        Assert.Empty(Repository.Sources(project).Select(path => path[(project.Length + 1)..].Split('/'))
            .Where(parts => parts.Length > 1).Select(parts => parts[0]).Distinct().Except(allowed));

    private static string Expected(string path, string project, string root)
    {
        string folder = Path.GetDirectoryName(path[(project.Length + 1)..])!.Replace('\\', '/');
        return folder.Length == 0 ? root : $"{root}.{folder.Replace('/', '.')}";
    }

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\b")]
    private static partial Regex NativeImport();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
