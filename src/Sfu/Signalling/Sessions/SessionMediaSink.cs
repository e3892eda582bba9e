using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Sessions;

/// <summary>Brings what the media session says into the session's mailbox, as messages where it only is one.</summary>
internal sealed class SessionMediaSink(Session session) : IMediaSessionSink
{
    /// <inheritdoc/>
    public void OnNegotiate(int audio, int video, string reason) => session.PostSend(() => new NegotiateMessage(audio, video, reason));

    /// <inheritdoc/>
    public void OnMediaConnected() => session.Post(session.OnMediaConnected);

    /// <inheritdoc/>
    public void OnFirstMedia(MediaKind kind, TimeSpan waited) => session.Post(() => session.OnFirstMedia(kind, waited));

    /// <inheritdoc/>
    public void OnMediaClosed(string reason) => session.Post(() => session.OnMediaClosed(reason));

    /// <inheritdoc/>
    public void OnLayers(TrackId track, string? rid, int temporal, bool paused, string reason) =>
        session.PostSend(() => new LayersStateMessage(track.Value, rid, temporal, paused, reason));

    /// <inheritdoc/>
    public void OnSpeakers(ParticipantId? dominant, IReadOnlyList<Speaker> speakers) => session.PostSend(() => new SpeakersMessage(
        dominant is { } speaker && !session.AppearsNowhere(speaker) ? speaker.Value : null,
        [.. speakers.Where(speaker => !session.AppearsNowhere(speaker.Participant)).Select(Body)]));

    /// <inheritdoc/>
    public void OnQuality(IReadOnlyList<ParticipantQuality> participants) =>
        session.PostSend(() => new QualityMessage([.. participants.Where(entry => !session.AppearsNowhere(entry.Participant)).Select(Body)]));

    private static SpeakerBody Body(Speaker speaker) => new(speaker.Participant.Value, speaker.Track.Value, speaker.Level);

    private QualityBody Body(ParticipantQuality entry)
    {
        if (entry.Participant != session.ParticipantId) return new QualityBody(entry.Participant.Value, entry.Quality, null, null, null, null);
        int? roundTrip = entry.RoundTrip > TimeSpan.Zero ? (int)Math.Round(entry.RoundTrip.TotalMilliseconds) : null;
        return new QualityBody(
            entry.Participant.Value, entry.Quality, roundTrip, Math.Round(entry.LossUp, 4), Math.Round(entry.LossDown, 4),
            Math.Round(entry.JitterUp.TotalMilliseconds, 1));
    }
}
