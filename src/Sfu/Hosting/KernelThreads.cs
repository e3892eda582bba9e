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

    /// <summary>Whether a thread runs and has a name; asks about one alone, where <see cref="Named"/> reads a file of each.</summary>
    /// <param name="thread">The kernel's number.</param>
    /// <param name="name">15 characters at most.</param>
    internal static bool IsNamed(int thread, string name) => NameOf(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{thread}")) == name;

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
