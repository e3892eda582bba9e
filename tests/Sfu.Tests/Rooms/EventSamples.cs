using Sfu.Media.Rtp;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>One event of each kind.</summary>
internal static class EventSamples
{
    private static readonly RoomActor By = RoomActor.BackEnd("key");

    private static readonly Participant Ann = new()
    {
        Id = new("PA_1"),
        Identity = "ann",
        Name = "Ann \"A\" ☎",
        Metadata = "m",
        State = ParticipantState.Joined,
        Rights = TestData.Host,
        JoinedAt = TestData.Start,
        Session = new("S_1"),
        SecretHash = "h",
        PreviousSecretHash = "g",
        Node = "N_1",
        Client = new(ClientProtocol.Whep, "c", "1"),
        ExpiresAt = TestData.Start.AddHours(1),
    };

    private static readonly Track Camera = new()
    {
        Id = new("TR_1"),
        Participant = Ann.Id,
        Kind = MediaKind.Video,
        Source = TrackSource.ScreenShare,
        Name = "n",
        MutedBy = MutedBy.Admin,
        Codec = "VP9",
        Simulcast = true,
    };

    public static IReadOnlyList<RoomEvent> All { get; } =
    [
        new RoomCreated("RM_1", Settings(), By),
        new RoomUpdated(Settings(), RoomActor.Of(Ann.Id)),
        new RoomLocked(false, RoomActor.Server),
        new RoomClosed(RoomCloseReason.Empty, RoomActor.Server),
        new ParticipantWaiting(Ann with { State = ParticipantState.Waiting }),
        new ParticipantJoined(Ann with { Tracks = [Camera] }),
        new ParticipantAdmitted(Ann, By),
        new ParticipantLeft(Ann.Id, "ann", LeaveReason.NodeLost, "d", By),
        new SessionResumed(Ann.Id, "h2", "N_2", "h"),
        new SessionConfirmed(Ann.Id),
        new TrackPublished(Camera),
        new TrackUpdated(Camera with { MutedBy = null }),
        new TrackMuted(Camera.Id, Ann.Id, false, MuteReason.MuteAll, By),
        new TrackUnpublished(Camera.Id, Ann.Id, UnpublishReason.Replaced),
        new MetadataChanged(null, "", null, By),
        new MetadataChanged(Ann.Id, "m", "n", By),
        new RecordingChanged(
            new RoomRecording(Guid.CreateVersion7(TestData.Start), 7, RoomRecordingState.Paused, RecordingPolicy.Required, ConsentMode.First, RecordingCause.Lag, PauseReason.Pci)
            { PausedParticipants = [Ann.Id], PausedIdentities = [Ann.Identity] },
            [new ParticipantRecording(Ann.Id, ParticipantRecordingState.Paused)]),
        new ParticipantRecordingChanged(Ann.Id, RecordingPolicy.Off, true, ParticipantRecordingState.Exempt, By),
    ];

    private static RoomSettings Settings() => new()
    {
        MaxParticipants = 3,
        EmptyTimeout = TimeSpan.FromSeconds(1),
        DepartureTimeout = TimeSpan.Zero,
        Lobby = true,
        Metadata = "m",
    };
}
