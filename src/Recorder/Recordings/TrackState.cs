using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Recordings;

/// <summary>One track of an open recording: what is collected, and the key that seals it.</summary>
/// <remarks>Owned by the recorder's thread.</remarks>
/// <param name="no">0 for the recording itself.</param>
internal sealed class TrackState(uint no) : IDisposable
{
    /// <summary>Its number.</summary>
    internal uint No => no;

    /// <summary>What is collected.</summary>
    internal ChunkBuilder Builder { get; } = new(no);

    /// <summary>Its tap; null for track 0.</summary>
    internal RecordingTap? Tap { get; init; }

    /// <summary>The key that seals now; null before the first chunk.</summary>
    internal TrackKey? Key { get; set; }

    /// <summary>The next epoch, never used so far.</summary>
    internal uint NextEpoch { get; set; }

    /// <summary>What its tap had refused when that was written down last.</summary>
    internal long ReportedRefused { get; set; }

    /// <inheritdoc/>
    public void Dispose() => Key?.Dispose();
}
