using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Segments;

/// <summary>A record of a segment that its manifest may need: event, receipt, sender report, clock anchor; in the order of the journal.</summary>
/// <param name="Chunk">Index of its chunk in the segment, from 0: what the chunk's side index counts may be before or after it.</param>
/// <param name="Track">The track, 0 for the recording.</param>
/// <param name="Type">What the payload is.</param>
/// <param name="MonoNanoseconds">Receive time on the monotonic clock.</param>
/// <param name="WallMicroseconds">Receive time, microseconds since 1970.</param>
/// <param name="Payload">Its bytes.</param>
/// <param name="Before">Of an RTCP packet: the highest sequence number of the stream it is about that came before it; null when none is known.</param>
public sealed record SegmentNote(
    int Chunk, uint Track, RecordType Type, long MonoNanoseconds, long WallMicroseconds, ReadOnlyMemory<byte> Payload, ushort? Before = null);
