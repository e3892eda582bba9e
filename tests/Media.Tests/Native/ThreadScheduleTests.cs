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
        (ThreadPolicy granted, int nice, bool isRealTime) = OnAThread(() => Said(ThreadSchedule.Apply(best)));

        Assert.InRange(granted, ThreadPolicy.Normal, best == ThreadPolicy.OthersLowered ? ThreadPolicy.Normal : best);
        Assert.Equal(best >= ThreadPolicy.Nice && HostRights.MayBeNice, nice == ThreadSchedule.Raised);
        Assert.Equal(granted == ThreadPolicy.Fifo, isRealTime);
    }

    [Fact]
    public void LeaveRealTime_IsNiceUntilItIsTakenAgain()
    {
        ((ThreadPolicy, int, bool) left, (ThreadPolicy, int, bool) again) = OnAThread(() =>
        {
            _ = ThreadSchedule.Apply(ThreadPolicy.Fifo);
            return (Said(ThreadSchedule.LeaveRealTime()), Said(ThreadSchedule.Apply(ThreadPolicy.Fifo)));
        });

        Assert.Equal(HostRights.MayBeNice ? (ThreadPolicy.Nice, ThreadSchedule.Raised, false) : (ThreadPolicy.Normal, left.Item2, false), left);
        Assert.Equal((HostRights.MayBeRealTime ? ThreadPolicy.Fifo : left.Item1, left.Item2, HostRights.MayBeRealTime), again);
    }

    [Theory]
    [InlineData(ThreadPolicy.Nice)]
    [InlineData(ThreadPolicy.Fifo)]
    public void Apply_WhatIsGrantedToOtherPrograms_IsGranted(ThreadPolicy asked) =>
        Assert.Equal(asked == ThreadPolicy.Fifo ? HostRights.MayBeRealTime : HostRights.MayBeNice, OnAThread(() => ThreadSchedule.Apply(asked)) == asked);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunInRealTime_OnlyWhileItRunsAndOnlyThatThread(bool fails)
    {
        (bool said, bool inside, bool made, bool after) = OnAThread(() =>
        {
            int own = ThreadSchedule.CurrentThread;
            (bool said, bool inside, bool made) = (false, false, true);
            try
            {
                said = ThreadSchedule.RunInRealTime(() =>
                {
                    inside = KernelThread.IsRealTime(own);
                    made = OnAThread(() => KernelThread.IsRealTime(ThreadSchedule.CurrentThread));
                    if (fails) throw new InvalidOperationException();
                });
            }
            catch (InvalidOperationException)
            {
                said = inside;
            }

            return (said, inside, made, KernelThread.IsRealTime(own));
        });

        Assert.Equal((HostRights.MayBeRealTime, HostRights.MayBeRealTime, false, false), (said, inside, made, after));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunBeforeTheRest_AfterTheWorkersOnly(bool isWorker)
    {
        (bool isGranted, int nice) = OnAThread(() =>
        {
            if (isWorker) _ = ThreadSchedule.Apply(ThreadPolicy.Nice);
            return (ThreadSchedule.RunBeforeTheRest(ThreadSchedule.CurrentThread), ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread));
        });

        int usual = ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread);
        Assert.Equal(HostRights.MayBeNice ? (true, isWorker ? ThreadSchedule.Raised : ThreadSchedule.Between) : (false, usual), (isGranted, nice));
    }

    [Fact]
    public void RunBehindRealTime_ComesAfterThoseThatAreAndIsLeftAgain()
    {
        int ahead = OnAThread(() =>
        {
            _ = ThreadSchedule.Apply(ThreadPolicy.Fifo);
            return ThreadSchedule.RealTimePriorityOf(ThreadSchedule.CurrentThread);
        });
        (bool isGranted, int behind, int left, bool isRealTime, int nice) = OnAThread(() =>
        {
            int own = ThreadSchedule.CurrentThread;
            _ = ThreadSchedule.RunBeforeTheRest(own);
            bool isGranted = ThreadSchedule.RunBehindRealTime(own);
            int behind = ThreadSchedule.RealTimePriorityOf(own);
            ThreadSchedule.LeaveRealTime(own);
            return (isGranted, behind, ThreadSchedule.RealTimePriorityOf(own), KernelThread.IsRealTime(own), ThreadSchedule.NiceOf(own));
        });

        Assert.Equal(HostRights.MayBeRealTime ? (2, true, 1) : (0, false, 0), (ahead, isGranted, behind));
        Assert.Equal((0, false), (left, isRealTime));
        Assert.Equal(HostRights.MayBeNice ? ThreadSchedule.Between : ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread), nice);
    }

    /// <summary>What was granted, the kernel's nice value, and whether it is in real time, of the thread that asks.</summary>
    private static (ThreadPolicy Granted, int Nice, bool IsRealTime) Said(ThreadPolicy granted) =>
        (granted, ThreadSchedule.NiceOf(ThreadSchedule.CurrentThread), KernelThread.IsRealTime(ThreadSchedule.CurrentThread));

    private static T OnAThread<T>(Func<T> action)
    {
        T result = default!;
        var thread = new Thread(() => result = action());
        thread.Start();
        thread.Join();
        return result;
    }
}
