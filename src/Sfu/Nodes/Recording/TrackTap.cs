using Sfu.Recorder.Capture;
using Sfu.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Recording;

/// <summary>A live track of a room and the tap on it, if it is recorded.</summary>
/// <remarks>Guarded by its <see cref="RoomTaps"/>.</remarks>
internal sealed class TrackTap(PublishedTrack track, RoomPlacement placement)
{
    private const int MaxStreams = 256;                        // a transport has 64 at a time; only a hostile sender comes near
    private readonly Dictionary<uint, string?> _streams = [];

    /// <summary>The track.</summary>
    internal PublishedTrack Track { get; } = track;

    /// <summary>Where its worker is.</summary>
    internal RoomPlacement Placement { get; } = placement;

    /// <summary>Whose it is.</summary>
    internal ParticipantId Owner => Track.Info.Participant;

    /// <summary>Its number on the worker.</summary>
    internal ProducerId Producer => Track.Producer;

    /// <summary>The recording whose tap is asked for or attached; null when none is.</summary>
    internal Guid? Recording { get; set; }

    /// <summary>The tap, once the recorder made it.</summary>
    internal RecordingTap? Tap { get; set; }

    /// <summary>Streams whose simulcast encoding the worker has told, also before it was recorded.</summary>
    internal IReadOnlyDictionary<uint, string?> Streams => _streams;

    /// <summary>What the journal was told of the track last; null when nothing.</summary>
    internal byte[]? Described { get; set; }

    /// <summary>Notes what a stream is.</summary>
    /// <returns>False when it was known, or there are too many.</returns>
    internal bool TryLearn(uint ssrc, string? rid)
    {
        if (_streams.Count == MaxStreams || _streams.TryGetValue(ssrc, out string? known) && known == rid) return false;
        _streams[ssrc] = rid;
        return true;
    }
}
