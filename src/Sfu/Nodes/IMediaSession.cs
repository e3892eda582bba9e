using Sfu.Media.Ice;
using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>One participant's media as its signalling session drives it: offers in, answers out, one transport at a time.</summary>
/// <remarks>Safe on any thread; calls are carried out one after the other. It survives the loss of the socket; <see cref="IDisposable.Dispose"/>
/// closes the transport (DTLS close_notify) and removes the producers and consumers.</remarks>
public interface IMediaSession : IDisposable
{
    /// <summary>Whose it is.</summary>
    ParticipantId Participant { get; }

    /// <summary>Media flows: ICE and DTLS are done and the transport lives.</summary>
    bool IsConnected { get; }

    /// <summary>One event of the room's log, each once, in order, beginning after the snapshot it was opened with.</summary>
    void OnEvent(LoggedEvent entry);

    /// <summary>Answers an offer: publishes what new sending sections carry (asks the room), assigns tracks to receiving sections.</summary>
    /// <param name="sdp">The offer as the client sent it; hostile.</param>
    /// <param name="labels">What the client calls its sending sections, by mid; may be empty.</param>
    /// <param name="cancellation">Gives up waiting for the room.</param>
    /// <returns>Never throws for what a client sends. After a failure nothing has changed.</returns>
    Task<MediaAnswer> OfferAsync(string sdp, IReadOnlyDictionary<string, TrackLabel> labels, CancellationToken cancellation = default);

    /// <summary>ICE restart without an offer (RFC 9725 section 4.3.2): new remote credentials, the answer holds ours.</summary>
    IceRestart? RestartIce(IceCredentials remote);

    /// <summary>Switches tracks on or off; <see cref="IMediaSessionSink.OnNegotiate"/> follows when an offer is needed.</summary>
    /// <returns>Null when done, else <c>NotFound</c>, <c>Forbidden</c> or <c>Limit</c>.</returns>
    RoomError? Subscribe(IReadOnlyList<TrackId> tracks, bool on);

    /// <summary>Says how large a received track is shown.</summary>
    RoomError? SetLayers(TrackId track, LayerWish wish);

    /// <summary>The socket is there again: tells the sink once more what still holds (negotiate, media state, layers).</summary>
    void Replay();
}

/// <summary>How a sending section is called.</summary>
/// <param name="Kind">Must agree with the section; null = not said.</param>
/// <param name="Source">Null = microphone for audio, camera for video.</param>
/// <param name="Name">At most 128 characters.</param>
public sealed record TrackLabel(Media.Rtp.MediaKind? Kind, TrackSource? Source, string Name = "");

/// <summary>What a viewer wants of one track (<c>layers</c> of the protocol).</summary>
/// <param name="Width">Widest useful picture in pixels; 0 = no limit.</param>
/// <param name="Height">Highest useful picture in pixels; 0 = no limit.</param>
/// <param name="FramesPerSecond">0 = no limit.</param>
/// <param name="Priority">1 to 255.</param>
/// <param name="IsPaused">Nothing is sent while true.</param>
public sealed record LayerWish(int Width, int Height, int FramesPerSecond = 0, byte Priority = 128, bool IsPaused = false);

/// <summary>The result of an offer: exactly one of <see cref="Sdp"/> and <see cref="Error"/> is set.</summary>
/// <param name="Sdp">The answer.</param>
/// <param name="Sections">By mid: what the sections that carry something carry.</param>
/// <param name="Error">Why there is no answer.</param>
public sealed record MediaAnswer(string? Sdp, IReadOnlyDictionary<string, AnsweredSection> Sections, MediaError? Error);

/// <summary>One section of an answer.</summary>
/// <param name="Track">The track; null for an own one that was refused.</param>
/// <param name="Participant">Who publishes it; oneself for a sending section.</param>
/// <param name="Refused">Null, or <c>no_common_codec</c>, <c>forbidden</c>, <c>limit</c>.</param>
public sealed record AnsweredSection(TrackId? Track, ParticipantId Participant, string? Refused);

/// <summary>Why an offer was not answered.</summary>
/// <param name="Code"><c>bad_sdp</c>, <c>no_common_codec</c>, <c>forbidden</c>, <c>limit</c>, <c>bad_state</c>, <c>bad_message</c>, <c>internal</c>.</param>
/// <param name="Field">The SDP field or message member, or null.</param>
/// <param name="Message">One sentence that says what to do.</param>
public sealed record MediaError(string Code, string? Field, string Message);

/// <summary>Our side after an ICE restart.</summary>
/// <param name="Ice">Our new credentials.</param>
/// <param name="Candidates">All our candidates, as values of <c>a=candidate</c>.</param>
public sealed record IceRestart(IceCredentials Ice, IReadOnlyList<string> Candidates);
