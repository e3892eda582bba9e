using Sfu.Recorder.Capture;
using Sfu.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Recording;

/// <summary>A live track of a room and the tap on it, if it is recorded.</summary>
/// <remarks>Guarded by its <see cref="RoomTaps"/>.</remarks>
internal sealed class TrackTap(PublishedTrack track, RoomPlacement placement)
{
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
}
