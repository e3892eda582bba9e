using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>What a media session tells its signalling session. Calls come one at a time and must return at once.</summary>
public interface IMediaSessionSink
{
    /// <summary>Whether it has somebody to tell who speaks and how good the connections are; if not, <see cref="OnSpeakers"/> and
    /// <see cref="OnQuality"/> are not called. Does not change.</summary>
    bool FollowsRoom => true;

    /// <summary>Offer again, with so many more receiving sections (zero is possible: idle ones are used).</summary>
    /// <param name="audio">Audio sections to add.</param>
    /// <param name="video">Video sections to add.</param>
    /// <param name="reason"><c>tracks</c> or <c>subscribe</c>.</param>
    void OnNegotiate(int audio, int video, string reason);

    /// <summary>Media flows.</summary>
    void OnMediaConnected();

    /// <summary>The first packet of a kind was sent to the participant; once in the session. Not told when that track was muted or paused at first.</summary>
    /// <param name="kind">Audio or video.</param>
    /// <param name="waited">Since the track was there for it: published, or switched on if that was later.</param>
    void OnFirstMedia(MediaKind kind, TimeSpan waited);

    /// <summary>The transport ended and was not replaced by the client; a new peer connection may be offered.</summary>
    /// <param name="reason"><c>ice_timeout</c>, <c>dtls_failed</c>, <c>fingerprint_mismatch</c>, <c>timeout</c>, <c>closed_by_client</c> or <c>failed</c>.</param>
    void OnMediaClosed(string reason);

    /// <summary>What is really sent of a track.</summary>
    void OnLayers(TrackId track, string? rid, int temporal, bool paused, string reason);

    /// <summary>Who speaks, loudest first. The list is everybody's, and does not change.</summary>
    void OnSpeakers(ParticipantId? dominant, IReadOnlyList<Speaker> speakers);

    /// <summary>How good the connections of the room's participants are; every 3 s. The list is everybody's, and does not change.</summary>
    void OnQuality(IReadOnlyList<ParticipantQuality> participants);
}

/// <summary>One who speaks.</summary>
/// <param name="Participant">Who.</param>
/// <param name="Track">On which track.</param>
/// <param name="Level">dBov, -127 to 0.</param>
public sealed record Speaker(ParticipantId Participant, TrackId Track, int Level);

/// <summary>How good one connection is.</summary>
/// <param name="Participant">Whose.</param>
/// <param name="Quality"><c>excellent</c>, <c>good</c>, <c>poor</c> or <c>lost</c>.</param>
/// <param name="RoundTrip">Zero when unknown.</param>
/// <param name="LossUp">0 to 1.</param>
/// <param name="LossDown">0 to 1.</param>
/// <param name="JitterUp">Interarrival jitter of what we receive.</param>
public sealed record ParticipantQuality(
    ParticipantId Participant, string Quality, TimeSpan RoundTrip, double LossUp, double LossDown, TimeSpan JitterUp);
