namespace Sfu.Recorder.Journal;

/// <summary>How a packet came.</summary>
[Flags]
public enum RecordMarks : byte
{
    /// <summary>At the first try and in order.</summary>
    None = 0,

    /// <summary>As a retransmission (RFC 4588).</summary>
    RepairedByRtx = 1,

    /// <summary>Restored by forward error correction.</summary>
    RepairedByFec = 2,

    /// <summary>After a packet with a higher number.</summary>
    Late = 4,
}
