using Sfu.Media.Time;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A recording to derive from: what the journal holds, decrypted, track by track, as often as asked.</summary>
/// <remarks>All times count from the start of the recording, over restarts of the recorder and changes of its node.</remarks>
public interface IRecordingSource
{
    /// <summary>Id of the recording.</summary>
    string Id { get; }

    /// <summary>UTC of time 0.</summary>
    DateTimeOffset Start { get; }

    /// <summary>Time of the last record.</summary>
    MediaTime Length { get; }

    /// <summary>Its tracks, by number.</summary>
    IReadOnlyList<SourceTrack> Tracks { get; }

    /// <summary>What is declared to be missing, and why.</summary>
    IReadOnlyList<SourceSpan> Spans { get; }

    /// <summary>Who was in the room and recorded, and when; with media or without.</summary>
    IReadOnlyList<SourcePresence> Presence { get; }

    /// <summary>What it is read from.</summary>
    IReadOnlyList<SourceObject> Objects { get; }

    /// <summary>Chunks that could not be read: their key was destroyed, or they do not fit the chain.</summary>
    long UnreadableChunks { get; }

    /// <summary>Reads a track from its beginning, in the order of recording.</summary>
    IEnumerable<SourceRecord> Read(int track);
}
