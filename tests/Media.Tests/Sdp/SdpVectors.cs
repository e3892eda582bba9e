using System.Text;

namespace Sfu.Media.Tests.Sdp;

/// <summary>The texts under tests/Vectors/sdp.</summary>
internal static class SdpVectors
{
    public static readonly string Folder = Find();

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name), Encoding.UTF8);

    public static IEnumerable<string> Offers() =>
        Directory.EnumerateFiles(Folder, "offer-*.sdp").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "tests", "Vectors", "sdp");
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException("tests/Vectors/sdp is not above the test assembly.");
    }
}
