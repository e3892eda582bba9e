namespace Sfu.Configuration;

/// <summary>How much of the processor the media workers claim.</summary>
public enum WorkerScheduling
{
    /// <summary>As much as the host permits without starving the rest of the server.</summary>
    Auto,

    /// <summary>SCHED_FIFO, however busy they are.</summary>
    Fifo,

    /// <summary>Nice -10.</summary>
    Nice,

    /// <summary>Nothing: like every other thread.</summary>
    Normal,
}
