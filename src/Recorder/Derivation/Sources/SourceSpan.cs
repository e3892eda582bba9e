using Sfu.Media.Time;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A time for which the recording says why something is not there.</summary>
/// <param name="Track">The track, or 0: all of the recording.</param>
/// <param name="Cause">As in docs/evidence.md section 6: <c>wire_loss</c>, <c>paused</c>, <c>sender_mute</c>, <c>recorder_fault</c>, ...</param>
/// <param name="From">From the start of the recording.</param>
/// <param name="To">From the start of the recording.</param>
public readonly record struct SourceSpan(int Track, string Cause, MediaTime From, MediaTime To);
