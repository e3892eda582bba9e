using System.Globalization;
using Sfu.Media.Native;
using Sfu.Tests;

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
        (ThreadPolicy granted, int nice, int policy) = OnAThread(() => Said(ThreadSchedule.Apply(best)));

        Assert.InRange(granted, ThreadPolicy.Normal, best == ThreadPolicy.OthersLowered ? ThreadPolicy.Normal : best);
        Assert.Equal(best >= ThreadPolicy.Nice && HostRights.MayBeNice, nice == ThreadSchedule.Raised);
        Assert.Equal(granted == ThreadPolicy.Fifo ? 1 : 0, policy);
    }

    [Fact]
    public void LeaveRealTime_IsNiceUntilItIsTakenAgain()
    {
        ((ThreadPolicy, int, int) left, (ThreadPolicy, int, int) again) = OnAThread(() =>
        {
            _ = ThreadSchedule.Apply(ThreadPolicy.Fifo);
            return (Said(ThreadSchedule.LeaveRealTime()), Said(ThreadSchedule.Apply(ThreadPolicy.Fifo)));
        });

        Assert.Equal(HostRights.MayBeNice ? (ThreadPolicy.Nice, ThreadSchedule.Raised, 0) : (ThreadPolicy.Normal, left.Item2, 0), left);
        Assert.Equal((HostRights.MayBeRealTime ? ThreadPolicy.Fifo : left.Item1, left.Item2, HostRights.MayBeRealTime ? 1 : 0), again);
    }

    [Theory]
    [InlineData(ThreadPolicy.Nice)]
    [InlineData(ThreadPolicy.Fifo)]
    public void Apply_WhatIsGrantedToOtherPrograms_IsGranted(ThreadPolicy asked) =>
        Assert.Equal(asked == ThreadPolicy.Fifo ? HostRights.MayBeRealTime : HostRights.MayBeNice, OnAThread(() => ThreadSchedule.Apply(asked)) == asked);

    /// <summary>What was granted, and the kernel's nice value and policy of the thread that asks.</summary>
    private static (ThreadPolicy Granted, int Nice, int Policy) Said(ThreadPolicy granted) =>
        (granted, ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread), PolicyOf(ThreadSchedule.CurrentThread));

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
