namespace Sfu.Media.Tests;

/// <summary>Finds tests/Vectors above the test assembly.</summary>
internal static class VectorFolder
{
    private static readonly string Root = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "tests", "Vectors");
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException("tests/Vectors is not above the test assembly.");
    }
}
