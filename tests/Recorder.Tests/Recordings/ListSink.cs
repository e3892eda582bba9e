using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>A signer that only remembers.</summary>
internal sealed class ListSink : ISegmentSink
{
    public List<ClosedSegment> Segments { get; } = [];

    public List<ClosedRecording> Sealed { get; } = [];

    public int Refusals { get; set; }

    public void Accept(ClosedSegment segment)
    {
        if (Refusals > 0)
        {
            Refusals--;
            throw new IOException("The signer's disk is full.");
        }

        lock (Segments) Segments.Add(segment);
    }

    public void Seal(ClosedRecording recording)
    {
        lock (Segments) Sealed.Add(recording);
    }
}
