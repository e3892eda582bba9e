using Sfu.Media.Sdp.Negotiation;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes;

/// <summary>A track whose media comes in on this node: the producer that a published section made, and who is sent it.</summary>
/// <remarks>Guarded by its room's gate.</remarks>
internal sealed class PublishedTrack(Track info, MediaSession owner, TransportId transport, RoomPlacement placement, ProducerId producer, PublishSelection selection)
{
    /// <summary>The track as the room published it.</summary>
    internal Track Info { get; } = info;

    /// <summary>The session that sends it to us.</summary>
    internal MediaSession Owner { get; } = owner;

    /// <summary>The transport it comes on.</summary>
    internal TransportId Transport { get; } = transport;

    /// <summary>The worker it comes in on.</summary>
    internal RoomPlacement Placement { get; } = placement;

    /// <summary>Its number on the worker.</summary>
    internal ProducerId Producer { get; } = producer;

    /// <summary>What was negotiated for it.</summary>
    internal PublishSelection Selection { get; set; } = selection;

    /// <summary>Where it is piped to.</summary>
    internal Dictionary<RoomPlacement, PipedTrack> Pipes { get; } = [];

    /// <summary>Everybody who is sent it.</summary>
    internal HashSet<SentTrack> Consumers { get; } = [];

    /// <summary>What the worker is told about it.</summary>
    internal static ProducerParameters Parameters(PublishSelection selection, TrackSource source) => new(
        selection.Kind,
        selection.Extensions.IdOf(Media.Rtp.HeaderExtensionKind.Mid) != 0 ? selection.Mid : null,
        selection.Codecs,
        selection.Extensions,
        [.. selection.Encodings.Select(e => new EncodingParameters(e.Rid, e.Ssrc, e.RtxSsrc, e.MaxWidth, e.MaxHeight))],
        source == TrackSource.ScreenShare);
}
