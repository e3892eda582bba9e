namespace Sfu.Media.Native;

/// <summary>How the kernel lets a thread run beside the others, the least first.</summary>
public enum ThreadPolicy
{
    /// <summary>Like every other thread.</summary>
    Normal = 0,

    /// <summary>Like every thread of other processes, and the others of this process stepped back (nicer by 5).</summary>
    OthersLowered,

    /// <summary>Before threads that did not ask for it (nice -10): it gets nine tenths of a core that they want too, and wakes at once.</summary>
    Nice,

    /// <summary>Before all of them, for as long as it has something to do (SCHED_FIFO).</summary>
    Fifo,
}
