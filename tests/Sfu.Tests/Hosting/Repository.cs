namespace Sfu.Tests.Hosting;

/// <summary>The files of the repository that tests compare with.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    /// <summary>A file's path.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>A file's text.</summary>
    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Compares the lines between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c> of a page with what they must be; with
    /// SFU_UPDATE_DOCS=1 writes them instead.</summary>
    public static void AssertPart(string relative, string name, string expected)
    {
        string text = Read(relative);
        string begin = $"<!-- {name} -->\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = text.IndexOf($"<!-- /{name} -->", StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"{relative} has no part {name}");
        if (Environment.GetEnvironmentVariable("SFU_UPDATE_DOCS") == "1") File.WriteAllText(PathOf(relative), text[..from] + expected + text[to..]);
        else Assert.True(text[from..to] == expected, $"{relative}, part {name}, is not what the code says. Run this test with SFU_UPDATE_DOCS=1 to write it:\n{expected}");
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sfu.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run from within the repository.");
    }
}
