namespace Sfu.Recordings.Decisions;

/// <summary>The times of RECORDING.md section 7 and of the control plane's own waits.</summary>
internal static class RecordingTimes
{
    /// <summary>How long a call that must be recorded may be held before it ends.</summary>
    public static readonly TimeSpan HeldMost = TimeSpan.FromSeconds(15);

    /// <summary>How long the recorder may take to begin: a join waits for it.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(2.5);

    /// <summary>How long the recorder may take for a pause.</summary>
    public static readonly TimeSpan Command = TimeSpan.FromSeconds(2);

    /// <summary>How long the recorder may take to seal before it is asked again.</summary>
    public static readonly TimeSpan Seal = TimeSpan.FromSeconds(60);

    /// <summary>How long a room may stay unseen after its recording began.</summary>
    public static readonly TimeSpan RoomUnseen = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause that ends by itself.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);
}
