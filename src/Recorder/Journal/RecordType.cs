namespace Sfu.Recorder.Journal;

/// <summary>What a record holds (docs/evidence.md section 2).</summary>
public enum RecordType : byte
{
    /// <summary>An RTP packet.</summary>
    Rtp = 1,

    /// <summary>An RTCP packet that was received.</summary>
    RtcpReceived = 2,

    /// <summary>An RTCP packet that was sent.</summary>
    RtcpSent = 3,

    /// <summary>An event, JSON.</summary>
    Event = 4,

    /// <summary>A message of a data channel.</summary>
    DataMessage = 5,

    /// <summary>Which layer went to whom.</summary>
    ForwardMap = 6,

    /// <summary>What a media worker says it received, JSON.</summary>
    Receipt = 7,

    /// <summary>Both clocks and how far the wall clock can be trusted, JSON.</summary>
    ClockAnchor = 8,
}
