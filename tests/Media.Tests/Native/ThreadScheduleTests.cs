using System.Diagnostics;
using System.Globalization;
using Sfu.Media.Native;

namespace Sfu.Media.Tests.Native;

/// <summary>What the kernel says of a thread that asked for more. Asked on threads of the tests' own: most hosts refuse, and one that grants does not take back.</summary>
public sealed class ThreadScheduleTests
{
    [Theory]
    [InlineData(ThreadPolicy.Normal)]
    [InlineData(ThreadPolicy.OthersLowered)]
    [InlineData(ThreadPolicy.Nice)]
    [InlineData(ThreadPolicy.Fifo)]
    public void Apply_SaysWhatTheKernelDoes(ThreadPolicy best)
    {
        (ThreadPolicy granted, int nice, int policy) = OnAThread(() =>
        {
            ThreadPolicy granted = ThreadSchedule.Apply(best);
            return (granted, ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread), PolicyOf(ThreadSchedule.CurrentThread));
        });

        Assert.InRange(granted, ThreadPolicy.Normal, best == ThreadPolicy.OthersLowered ? ThreadPolicy.Normal : best);
        Assert.Equal(granted == ThreadPolicy.Nice, nice == ThreadSchedule.Raised);
        Assert.Equal(granted == ThreadPolicy.Fifo ? 1 : 0, policy);
    }

    [Theory]
    [InlineData(ThreadPolicy.Nice, "nice", "-n", "-10", "true")]
    [InlineData(ThreadPolicy.Fifo, "chrt", "-f", "1", "true")]
    public void Apply_WhatIsGrantedToOtherPrograms_IsGranted(ThreadPolicy asked, params string[] command) =>
        Assert.Equal(IsPermitted(command), OnAThread(() => ThreadSchedule.Apply(asked)) == asked);

    private static bool IsPermitted(string[] command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true };
        foreach (string word in command[1..]) start.ArgumentList.Add(word);
        using Process process = Process.Start(start)!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && complaint.Length == 0;
    }

    private static T OnAThread<T>(Func<T> action)
    {
        T result = default!;
        var thread = new Thread(() => result = action());
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>The scheduling policy by /proc: 0 = SCHED_OTHER, 1 = SCHED_FIFO.</summary>
    private static int PolicyOf(int thread)
    {
        string text = File.ReadAllText($"/proc/self/task/{thread}/stat");
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[41 - 3], CultureInfo.InvariantCulture); // field 41 of proc_pid_stat(5), the third is the first here
    }
}
