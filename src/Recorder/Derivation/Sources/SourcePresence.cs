using Sfu.Media.Time;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A time for which a participant was in the room and recorded, with or without media.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="Identity">Its identity.</param>
/// <param name="Name">What to call it; empty when the identity has to do.</param>
/// <param name="From">From the start of the recording.</param>
/// <param name="To">From the start of the recording.</param>
public readonly record struct SourcePresence(string Participant, string Identity, string Name, MediaTime From, MediaTime To);
