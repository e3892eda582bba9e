using Sfu.Media.Time;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>One record of a track.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">When it was received, from the start of the recording.</param>
/// <param name="Payload">The packet; hostile. Belongs to whoever reads.</param>
public readonly record struct SourceRecord(SourceRecordKind Kind, MediaTime At, ReadOnlyMemory<byte> Payload);
