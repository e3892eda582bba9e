using System.Diagnostics;

namespace Sfu.Tests;

/// <summary>What the kernel grants to a program of somebody else's, which says what it must grant to ours.</summary>
/// <remarks>A source file that test projects link, as <c>Eventually.cs</c> is.</remarks>
internal static class HostRights
{
    /// <summary>A program may run at nice -10.</summary>
    internal static bool MayBeNice => IsPermitted("nice", "-n", "-10", "true");

    /// <summary>A program may run in real time, before another that does.</summary>
    internal static bool MayBeRealTime => IsPermitted("chrt", "-f", "2", "true");

    private static bool IsPermitted(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && complaint.Length == 0;
    }
}
