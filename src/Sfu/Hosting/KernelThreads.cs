using System.Globalization;

namespace Sfu.Hosting;

/// <summary>Threads of this process by the name that the kernel has of them: those of the runtime, on which no code of ours can ask who they are.</summary>
internal static class KernelThreads
{
    private const string Folder = "/proc/self/task";

    /// <summary>The kernel's numbers of all that have a name.</summary>
    /// <param name="name">15 characters at most (comm of proc_pid_task(5)).</param>
    internal static IReadOnlyList<int> Named(string name)
    {
        var threads = new List<int>();
        foreach (string path in Directory.EnumerateDirectories(Folder))
        {
            if (NameOf(path) == name) threads.Add(int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
        }

        return threads;
    }

    /// <returns>Nothing of one that has just ended.</returns>
    private static string NameOf(string path)
    {
        try
        {
            return File.ReadAllText(path + "/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
