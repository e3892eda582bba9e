namespace Sfu.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] NotSources = ["bin", "obj", "node_modules", "wwwroot", "web", "artifacts", "TestResults"];

    /// <summary>The folder that holds the solution.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>C# files under a folder, as paths from the root with forward slashes; build output left out.</summary>
    internal static IEnumerable<string> Sources(string folder) =>
        Files(new DirectoryInfo(Path.Combine(Root, folder))).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    /// <summary>The text of a file.</summary>
    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Files(DirectoryInfo folder) => folder.EnumerateFiles("*.cs").Select(file => file.FullName)
        .Concat(folder.EnumerateDirectories().Where(child => !NotSources.Contains(child.Name)).SelectMany(Files));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sfu.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No Sfu.sln above {AppContext.BaseDirectory}.");
    }
}
