using Orleans.Concurrency;
using Sfu.Media.Rtp;
using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>Owns one room (key <c>tenant/room</c>, <see cref="RoomKey"/>): decides who may do what, writes it to the log, then tells
/// the node. Every call answers with a value; it throws only when the store or the cluster fails.</summary>
/// <remarks>What is answered is durable. Calls are answered in order; asking twice is harmless.</remarks>
public interface IRoomGrain : IGrainWithStringKey
{
    /// <summary>Creates the room, or returns it as it is.</summary>
    Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by);

    /// <summary>Changes the settings of an open room; a new metadata is told to everybody.</summary>
    Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by);

    /// <summary>The room and who is in it, or null when it is not open.</summary>
    Task<RoomSnapshot?> GetAsync();

    /// <summary>Ends the room and everybody in it.</summary>
    Task<RoomOutcome> DeleteAsync(RoomActor by);

    /// <summary>Lets a participant in, to the lobby, or not. The same identity joining again replaces the old participant and keeps its
    /// place: lock, limit and lobby are for those who are not in.</summary>
    /// <remarks>Signalling calls <see cref="Placement.IRoomAdmission"/>, which guards the node, instead.</remarks>
    Task<JoinOutcome> JoinAsync(JoinRequest request);

    /// <summary>Continues a session after its socket was lost.</summary>
    Task<ResumeOutcome> ResumeAsync(ResumeRequest request);

    /// <summary>The client has shown that it knows its newest secret: the one before is good no more. Nothing happens when the session
    /// is over or has a newer secret.</summary>
    Task ConfirmAsync(SessionId session, string secretHash);

    /// <summary>The caller of <see cref="JoinAsync"/> gave up waiting: whoever joined with this session leaves.</summary>
    Task AbandonAsync(SessionId session);

    /// <summary>The participant is gone, whatever it was; nothing happens when it is gone already.</summary>
    Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail = "");

    /// <summary>Publishes tracks of a joined participant.</summary>
    Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks);

    /// <summary>Changes what a track is called or carries; null keeps. By its owner only.</summary>
    Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name);

    /// <summary>Ends tracks of a participant; those that are gone already do not matter.</summary>
    Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason);

    /// <summary>Mutes or opens a track. Others than the owner may only mute.</summary>
    Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted);

    /// <summary>Mutes all tracks of a kind, except the actor's own and those of hidden participants.</summary>
    Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind);

    /// <summary>Removes a participant from the room or the lobby.</summary>
    Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail = "");

    /// <summary>Refuses new participants, or takes them again.</summary>
    Task<RoomOutcome> LockAsync(RoomActor by, bool locked);

    /// <summary>Lets a waiting participant in.</summary>
    Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant);

    /// <summary>Sends a waiting participant away.</summary>
    Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail = "");

    /// <summary>Changes a participant's metadata and name, or the room's metadata (no participant); null keeps.</summary>
    Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name);

    /// <summary>Records the room, because somebody wants it; nothing happens when it is recorded already.</summary>
    Task<RecordingAnswer> StartRecordingAsync(RoomActor by);

    /// <summary>The owner of the room's recording reports; by it only.</summary>
    Task OnRecordingAsync(RoomRecordingNews news);

    /// <summary>A participant agrees to be recorded, or refuses; by itself or by the back end.</summary>
    Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted);

    /// <summary>Says whether a participant is recorded; by the back end only.</summary>
    Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, RecordingPolicy policy);

    /// <summary>Events after a number, at most <paramref name="limit"/> (1 to 1,000); also of rooms that are closed.</summary>
    [ReadOnly]
    Task<EventPage> EventsAsync(long after, int limit);

    /// <summary>Sends every later event to the observer, for two minutes from now. Called by the node's <see cref="IRoomEventHub"/> only.</summary>
    /// <returns>The last number the log has.</returns>
    Task<long> SubscribeAsync(IRoomObserver observer);

    /// <summary>Ends a subscription.</summary>
    Task UnsubscribeAsync(IRoomObserver observer);
}

/// <summary>Gets a room's events on one node.</summary>
public interface IRoomObserver : IGrainObserver
{
    /// <summary>Events in order; a message may get lost, which the numbers show.</summary>
    [OneWay]
    Task OnEventsAsync(RoomKey room, IReadOnlyList<LoggedEvent> events);
}
