using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>One message of a client, read and checked against docs/signalling.md section 3.</summary>
/// <param name="Id">The client's number of its request; null only where it may be left out.</param>
internal abstract record ClientMessage(int? Id);

/// <summary><c>join</c>.</summary>
/// <param name="Id">Number of the request.</param>
/// <param name="ClientName">The client program.</param>
/// <param name="ClientVersion">Its version, or empty.</param>
/// <param name="Token">A token, or null when it came with the upgrade.</param>
/// <param name="Name">Display name for tokens without one.</param>
/// <param name="Metadata">Metadata for tokens without one.</param>
/// <param name="SubscribesAutomatically">False = <c>manual</c>.</param>
/// <param name="Resume">The session to go on with, or null.</param>
internal sealed record JoinMessage(
    int? Id, string ClientName, string ClientVersion, string? Token, string Name, string Metadata,
    bool SubscribesAutomatically, ResumeTicket? Resume) : ClientMessage(Id);

/// <summary>What a client shows to go on with a session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Secret">Its secret from the last <c>joined</c>.</param>
/// <param name="Seq">The last event the client saw.</param>
internal sealed record ResumeTicket(SessionId Session, string Secret, long Seq)
{
    /// <summary>The session only: the secret never appears in a log.</summary>
    public override string ToString() => $"session {Session}";
}

/// <summary><c>offer</c>.</summary>
/// <param name="Id">Number of the request.</param>
/// <param name="Rev">The client's number of the offer.</param>
/// <param name="Sdp">The offer; hostile.</param>
/// <param name="Labels">What sending sections carry, by mid.</param>
internal sealed record OfferMessage(int? Id, int Rev, string Sdp, IReadOnlyDictionary<string, TrackLabel> Labels) : ClientMessage(Id);

/// <summary><c>candidate</c>: accepted and not needed, the server learns addresses from checks.</summary>
internal sealed record CandidateMessage(int? Id) : ClientMessage(Id);

/// <summary><c>publish</c>: changes what a track is called or carries; null keeps.</summary>
internal sealed record PublishMessage(int? Id, TrackId Track, TrackSource? Source, string? Name) : ClientMessage(Id);

/// <summary><c>unpublish</c>.</summary>
internal sealed record UnpublishMessage(int? Id, TrackId Track) : ClientMessage(Id);

/// <summary><c>subscribe</c>.</summary>
internal sealed record SubscribeMessage(int? Id, IReadOnlyList<TrackId> Tracks, bool On) : ClientMessage(Id);

/// <summary><c>layers</c>.</summary>
internal sealed record LayersMessage(int? Id, TrackId Track, LayerWish Wish) : ClientMessage(Id);

/// <summary><c>mute</c>.</summary>
internal sealed record MuteMessage(int? Id, TrackId Track, bool Muted) : ClientMessage(Id);

/// <summary><c>data</c>.</summary>
/// <param name="Id">Number of the request, or null.</param>
/// <param name="To">To whom; null = everybody.</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Text">The text; null when <paramref name="Base64"/> is set.</param>
/// <param name="Base64">Bytes as base64; null when <paramref name="Text"/> is set.</param>
internal sealed record DataMessage(
    int? Id, IReadOnlyList<ParticipantId>? To, string Topic, string? Text, string? Base64) : ClientMessage(Id);

/// <summary><c>ping</c>.</summary>
/// <param name="Id">Number of the request, or null.</param>
/// <param name="T">Returned as it is.</param>
internal sealed record PingMessage(int? Id, long T) : ClientMessage(Id);

/// <summary><c>leave</c>.</summary>
internal sealed record LeaveMessage(int? Id, string Reason) : ClientMessage(Id);

/// <summary><c>kick</c>.</summary>
internal sealed record KickMessage(int? Id, ParticipantId Participant, string Reason) : ClientMessage(Id);

/// <summary><c>mute_all</c>.</summary>
internal sealed record MuteAllMessage(int? Id, Media.Rtp.MediaKind Kind) : ClientMessage(Id);

/// <summary><c>record</c>: a host steers the room's recording.</summary>
/// <param name="Id">Number of the request.</param>
/// <param name="Action">What is to become of it.</param>
/// <param name="Participant">Whose media is paused or resumed; null = the whole room's.</param>
/// <param name="Reason">Why it is paused.</param>
/// <param name="Text">More about it, or empty.</param>
/// <param name="ForMs">When a pause ends by itself, ms; null = when somebody resumes.</param>
internal sealed record RecordMessage(
    int? Id, RecordAction Action, ParticipantId? Participant, Recordings.PauseReason Reason, string Text, int? ForMs) : ClientMessage(Id);

/// <summary>What is to become of a recording.</summary>
internal enum RecordAction
{
    /// <summary>It begins.</summary>
    Start,

    /// <summary>It is paused.</summary>
    Pause,

    /// <summary>It goes on.</summary>
    Resume,

    /// <summary>It ends.</summary>
    Stop,
}

/// <summary><c>consent</c>: the participant agrees to be recorded, or refuses.</summary>
internal sealed record ConsentMessage(int? Id, bool Granted) : ClientMessage(Id);

/// <summary><c>lock</c> and <c>unlock</c>.</summary>
internal sealed record LockMessage(int? Id, bool Locked) : ClientMessage(Id);

/// <summary><c>admit</c> and <c>refuse</c>.</summary>
internal sealed record AdmitMessage(int? Id, ParticipantId Participant, bool Admitted) : ClientMessage(Id);
