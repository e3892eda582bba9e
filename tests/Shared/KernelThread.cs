using System.Globalization;

namespace Sfu.Tests;

/// <summary>What the kernel says of a thread of this process.</summary>
/// <remarks>A source file that test projects link, as <c>Eventually.cs</c> is.</remarks>
internal static class KernelThread
{
    private const int Policy = 41 - 3;                     // fields of proc_pid_stat(5), which counts from 1; the third is the first here

    /// <summary>Whether it is in real time, SCHED_FIFO.</summary>
    /// <param name="thread">The kernel's number of the thread.</param>
    internal static bool IsRealTime(int thread)
    {
        string text = File.ReadAllText($"/proc/self/task/{thread}/stat");
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[Policy], CultureInfo.InvariantCulture) == 1;
    }
}
