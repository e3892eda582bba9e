using System.Globalization;
using System.Runtime.InteropServices;

namespace Sfu.Media.Native;

/// <summary>Asks the kernel to let threads of this process run before or after others. <c>Thread.Priority</c> does nothing on Linux.</summary>
/// <remarks>Linux keeps the nice value of each thread for itself, and a new thread has that of the one that made it (setpriority(2), sched(7)).
/// Less nice than before, and SCHED_FIFO, need CAP_SYS_NICE or a limit that allows it (RLIMIT_NICE, RLIMIT_RTPRIO).</remarks>
public static unsafe partial class ThreadSchedule
{
    /// <summary>The nice value of <see cref="ThreadPolicy.Nice"/>.</summary>
    public const int Raised = -10;

    /// <summary>The nice value of threads that run before the rest of the process and after <see cref="ThreadPolicy.Nice"/>.</summary>
    public const int Between = -5;

    /// <summary>By so much those who step back are nicer than those who do not.</summary>
    public const int StepBack = 5;

    private const int Nicest = 19;

    private const string Library = "libc.so.6";
    private const string Threads = "/proc/self/task";
    private const int OneThread = 0;                       // PRIO_PROCESS, which means a thread to Linux
    private const int Other = 0;                           // SCHED_OTHER, in which nice values count
    private const int Fifo = 1;                            // SCHED_FIFO
    private const int RealTime = 2;
    private const int BehindRealTime = 1;
    private const int Passes = 10;

    /// <summary>The kernel's number of the thread that asks.</summary>
    public static int CurrentThread => GetThreadId();

    /// <summary>Gives the thread that asks the best policy that the kernel permits.</summary>
    /// <param name="best">The most that is asked for.</param>
    /// <returns>What it has now: <see cref="ThreadPolicy.Fifo"/>, <see cref="ThreadPolicy.Nice"/> or <see cref="ThreadPolicy.Normal"/>.</returns>
    public static ThreadPolicy Apply(ThreadPolicy best)
    {
        if (best < ThreadPolicy.Nice) return ThreadPolicy.Normal;
        bool isNice = SetPriority(OneThread, 0, Raised) == 0;    // in real time too: it has that when it leaves
        int priority = RealTime;
        if (best == ThreadPolicy.Fifo && SetScheduler(0, Fifo, &priority) == 0) return ThreadPolicy.Fifo;
        return isNice ? ThreadPolicy.Nice : ThreadPolicy.Normal;
    }

    /// <summary>Takes the thread that asks out of real time. Needs no right.</summary>
    /// <returns>What it has now: <see cref="ThreadPolicy.Nice"/> where that was granted, else <see cref="ThreadPolicy.Normal"/>.</returns>
    public static ThreadPolicy LeaveRealTime()
    {
        LeaveRealTime(0);
        return NiceOf(CurrentThread) <= Raised ? ThreadPolicy.Nice : ThreadPolicy.Normal;
    }

    /// <summary>Runs something short on the thread that asks, which is in no real time: in real time where the kernel permits it, else as the thread is.</summary>
    /// <param name="action">What is run. Threads that the runtime makes meanwhile are not in real time: it gives each new one the ordinary policy.</param>
    /// <returns>Whether it was in real time.</returns>
    public static bool RunInRealTime(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        int priority = RealTime;
        bool isRealTime = SetScheduler(0, Fifo, &priority) == 0;
        try
        {
            action();
        }
        finally
        {
            if (isRealTime) _ = LeaveRealTime();
        }

        return isRealTime;
    }

    /// <summary>Makes the other threads of this process step back, and so all that those make later. There is no way back without a right.</summary>
    /// <param name="except">The kernel's numbers of the threads that stay as they are, one at least.</param>
    /// <returns>Whether all did: not where the process is as nice as can be already.</returns>
    public static bool LowerOthers(IReadOnlySet<int> except)
    {
        ArgumentNullException.ThrowIfNull(except);
        int nice = except.Max(NiceOf) + StepBack;
        if (nice > Nicest) return false;
        // One that was not reached yet may make another meanwhile.
        for (int pass = 0; pass < Passes; pass++)
        {
            (int changed, bool isRefused) = LowerThoseThere(except, nice);
            if (isRefused) return false;
            if (changed == 0) return true;
        }

        return false;
    }

    /// <summary>Lets a thread of this process run <see cref="Between"/> the workers and the rest, where the kernel permits it.</summary>
    /// <param name="thread">The kernel's number of it.</param>
    /// <returns>Whether it has that now, or more.</returns>
    public static bool RunBeforeTheRest(int thread) => NiceOf(thread) <= Between || SetPriority(OneThread, (uint)thread, Between) == 0;

    /// <summary>Puts a thread of this process in real time, behind those that <see cref="Apply"/> has put there, where the kernel permits it.</summary>
    /// <param name="thread">The kernel's number of it.</param>
    /// <returns>Whether it is; then <see cref="LeaveRealTime(int)"/> is owed.</returns>
    public static bool RunBehindRealTime(int thread)
    {
        int priority = BehindRealTime;
        return SetScheduler(thread, Fifo, &priority) == 0;
    }

    /// <summary>Takes a thread of this process out of real time; its nice value is what it was. Needs no right.</summary>
    /// <param name="thread">The kernel's number of it; nothing happens when it has ended.</param>
    public static void LeaveRealTime(int thread)
    {
        int priority = 0;
        _ = SetScheduler(thread, Other, &priority);
    }

    /// <summary>The priority of a thread in real time, 1 to 99; 0 when it is not.</summary>
    /// <param name="thread">The kernel's number of a thread of this process.</param>
    public static int RealTimePriorityOf(int thread)
    {
        int priority = 0;
        return GetParameters(thread, &priority) == 0 ? priority : 0;
    }

    /// <summary>The nice value of a thread, -20 to 19.</summary>
    /// <param name="thread">The kernel's number of a thread of this process.</param>
    public static int NiceOf(int thread) => GetPriority(OneThread, (uint)thread); // -1 is a value too: threads that are gone are asked for by nobody

    private static (int Changed, bool IsRefused) LowerThoseThere(IReadOnlySet<int> except, int nice)
    {
        int changed = 0;
        foreach (string path in Directory.EnumerateDirectories(Threads))
        {
            int thread = int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture);
            if (except.Contains(thread) || NiceOf(thread) >= nice) continue;
            changed++;
            if (SetPriority(OneThread, (uint)thread, nice) != 0 && Directory.Exists(path)) return (changed, true);
        }

        return (changed, false);
    }

    [LibraryImport(Library, EntryPoint = "gettid")]
    private static partial int GetThreadId();

    /// <returns>0, or -1 on failure.</returns>
    [LibraryImport(Library, EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int nice);

    [LibraryImport(Library, EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);

    /// <returns>0, or -1 on failure. The third argument is a struct of one int.</returns>
    [LibraryImport(Library, EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* priority);

    /// <returns>0, or -1 on failure. The second argument is a struct of one int.</returns>
    [LibraryImport(Library, EntryPoint = "sched_getparam")]
    private static partial int GetParameters(int thread, int* priority);
}
