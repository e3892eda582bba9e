using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Sessions;

/// <summary>One consumer: a published track on its way to a session, on one of its sections.</summary>
/// <remarks>Guarded by the room's gate. Never changes: another mapping is another consumer, with another SSRC unless the section is a
/// player's, which keeps its own.</remarks>
internal sealed class SentTrack(
    ConsumerId id, PublishedTrack track, MediaSession viewer, ConsumerSelection selection, Ssrc ssrc, Ssrc? rtxSsrc, ConsumerAssignment? reserved = null)
{
    /// <summary>Makes a consumer on a section with the SSRCs that the section was answered with.</summary>
    internal static SentTrack On(ConsumerAssignment reserved, ConsumerId id, PublishedTrack track, MediaSession viewer, ConsumerSelection selection) =>
        new(id, track, viewer, selection, reserved.Ssrc, selection.UsesRtx ? reserved.RtxSsrc : null, reserved);

    /// <summary>Its number on the worker.</summary>
    internal ConsumerId Id { get; } = id;

    /// <summary>What is sent.</summary>
    internal PublishedTrack Track { get; } = track;

    /// <summary>To whom.</summary>
    internal MediaSession Viewer { get; } = viewer;

    /// <summary>How the track's payload types reach the viewer, and on which section.</summary>
    internal ConsumerSelection Selection { get; } = selection;

    /// <summary>Our SSRC.</summary>
    internal Ssrc Ssrc { get; } = ssrc;

    /// <summary>SSRC of our retransmissions, when the viewer takes them.</summary>
    internal Ssrc? RtxSsrc { get; } = rtxSsrc;

    /// <summary>The worker that sends it; null before it was told to.</summary>
    internal RoomPlacement? Placement { get; set; }

    /// <summary>What the worker last said about the layers it sends; null before it said anything.</summary>
    internal ConsumerLayerChanged? Layers { get; set; }

    /// <summary>It was muted or paused before anything of it was sent: when it begins does not say how long a viewer has to wait.</summary>
    internal bool WasHeldBack { get; set; }

    /// <summary>What the worker is told about it.</summary>
    internal ConsumerParameters Parameters => new(
        Selection.Mid, Ssrc, RtxSsrc, [.. Selection.Codecs.Select(c => new ConsumerCodec(c.ProducerPayloadType, c.Viewer))], Selection.Extensions,
        reserved?.Cname ?? Track.Info.Participant.Value, IsReserved: reserved is not null);

    /// <summary>What the answer says about it.</summary>
    internal ConsumerAssignment Assignment => new(Selection, Ssrc, RtxSsrc, MsidNames.StreamOf(Track.Info), Track.Info.Id.Value, Track.Info.Participant.Value);
}
