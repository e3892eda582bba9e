using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Reading;

/// <summary>One record read back.</summary>
/// <param name="Track">The track, 0 for the recording.</param>
/// <param name="Type">What the payload is.</param>
/// <param name="Marks">How it came.</param>
/// <param name="Clock">How far the wall clock may be off.</param>
/// <param name="MonoNanoseconds">Receive time on the monotonic clock.</param>
/// <param name="WallMicroseconds">Receive time, microseconds since 1970.</param>
/// <param name="Payload">Its bytes; not changed afterwards.</param>
public readonly record struct JournalEntry(
    uint Track, RecordType Type, RecordMarks Marks, ClockErrorClass Clock, long MonoNanoseconds, long WallMicroseconds, ReadOnlyMemory<byte> Payload);
