namespace Sfu.Recorder.Segments;

/// <summary>Who signs segments and recordings.</summary>
/// <remarks>Called on the recorder's segment thread, one call at a time, in order for each recording. A call may take its time: media and
/// journal do not wait for it. What it throws is counted, and the call comes again. After a crash a call may come again for what was
/// accepted before, with the same file: it must then be accepted again.</remarks>
public interface ISegmentSink
{
    /// <summary>A recording began, and the log has it on the disk: what its evidence needs before the first segment can be laid out. When it
    /// throws, <see cref="Accept"/> has to do that.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="node">The node that will write its segments.</param>
    void Open(RecordingInfo recording, string node)
    {
    }

    /// <summary>Signs a segment; returns when its manifest is durable. The log's copy of the chunks is given up afterwards.</summary>
    void Accept(ClosedSegment segment);

    /// <summary>Seals a recording, after its last segment was accepted; returns when that is durable.</summary>
    void Seal(ClosedRecording recording);
}
