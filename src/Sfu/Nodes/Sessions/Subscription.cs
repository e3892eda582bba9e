using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>One track of another participant as one session sees it: wanted or not, and where it is received.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
internal sealed class Subscription(Track track)
{
    /// <summary>Which track.</summary>
    internal TrackId Id { get; } = track.Id;

    /// <summary>Who publishes it.</summary>
    internal ParticipantId Participant { get; } = track.Participant;

    /// <summary>Audio or video.</summary>
    internal MediaKind Kind { get; } = track.Kind;

    /// <summary>What the client said with <c>subscribe</c>; null when it said nothing.</summary>
    internal bool? Switch { get; set; }

    /// <summary>It is wanted and within the limit of subscriptions.</summary>
    internal bool IsActive { get; set; }

    /// <summary>When it became active last, a timestamp of the clock: from then on the client waits for its media.</summary>
    internal long ActiveSince { get; set; }

    /// <summary>It waits because the client asked for it, not because the track is new.</summary>
    internal bool IsRequested { get; set; }

    /// <summary>A player's free section cannot carry it, and that was said.</summary>
    internal bool IsRefused { get; set; }

    /// <summary>How large it is shown; null while the client said nothing.</summary>
    internal LayerWish? Wish { get; set; }

    /// <summary>The section that carries it or is kept for it; null while it waits.</summary>
    internal SessionSection? Section { get; set; }
}
