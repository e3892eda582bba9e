using Sfu.Media.Rtp;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>The words of docs/signalling.md for the values of the rooms' seam, both ways.</summary>
internal static class ProtocolNames
{
    /// <summary>A kind of media.</summary>
    public static string Of(MediaKind kind) => kind == MediaKind.Audio ? "audio" : "video";

    /// <summary>Reads a kind of media.</summary>
    public static MediaKind? ToKind(string word) => word switch { "audio" => MediaKind.Audio, "video" => MediaKind.Video, _ => null };

    /// <summary>What a track carries.</summary>
    public static string Of(TrackSource source) => source switch
    {
        TrackSource.Camera => "camera",
        TrackSource.Microphone => "microphone",
        TrackSource.ScreenShare => "screen_share",
        TrackSource.ScreenShareAudio => "screen_share_audio",
        _ => "other",
    };

    /// <summary>Reads what a track carries.</summary>
    public static TrackSource? ToSource(string word) => word switch
    {
        "camera" => TrackSource.Camera,
        "microphone" => TrackSource.Microphone,
        "screen_share" => TrackSource.ScreenShare,
        "screen_share_audio" => TrackSource.ScreenShareAudio,
        "other" => TrackSource.Other,
        _ => null,
    };

    /// <summary>Where a participant stands.</summary>
    public static string Of(ParticipantState state) => state == ParticipantState.Waiting ? "waiting" : "joined";

    /// <summary>What others see of a participant's rights.</summary>
    public static string Of(ParticipantRole role) => role switch
    {
        ParticipantRole.Host => "host",
        ParticipantRole.Viewer => "viewer",
        _ => "participant",
    };

    /// <summary>Who muted a track.</summary>
    public static string Of(MutedBy by) => by switch { MutedBy.Admin => "admin", MutedBy.Server => "server", _ => "self" };

    /// <summary>Why a track was muted.</summary>
    public static string Of(MuteReason reason) => reason switch
    {
        MuteReason.Admin => "admin",
        MuteReason.MuteAll => "mute_all",
        MuteReason.Server => "server",
        _ => "self",
    };

    /// <summary>Why a track ended.</summary>
    public static string Of(UnpublishReason reason) => reason switch
    {
        UnpublishReason.ParticipantLeft => "participant_left",
        UnpublishReason.Replaced => "replaced",
        _ => "unpublished",
    };

    /// <summary>Why a room ended.</summary>
    public static string Of(RoomCloseReason reason) => reason switch
    {
        RoomCloseReason.Deleted => "deleted",
        RoomCloseReason.RecordingUnavailable => "recording_unavailable",
        _ => "empty",
    };

    /// <summary>Whether a room is recorded.</summary>
    public static string Of(RoomRecordingState state) => state switch
    {
        RoomRecordingState.Starting => "starting",
        RoomRecordingState.Recording => "recording",
        RoomRecordingState.Paused => "paused",
        RoomRecordingState.Suspended => "suspended",
        RoomRecordingState.Failed => "failed",
        _ => "off",
    };

    /// <summary>Whether a participant is recorded.</summary>
    public static string Of(ParticipantRecordingState state) => state switch
    {
        ParticipantRecordingState.ConsentPending => "consent_pending",
        ParticipantRecordingState.On => "on",
        ParticipantRecordingState.Paused => "paused",
        ParticipantRecordingState.Refused => "refused",
        ParticipantRecordingState.Exempt => "exempt",
        _ => "off",
    };

    /// <summary>What recording means.</summary>
    public static string Of(RecordingPolicy policy) => policy switch
    {
        RecordingPolicy.Required => "required",
        RecordingPolicy.BestEffort => "best_effort",
        _ => "off",
    };

    /// <summary>Why recording is paused.</summary>
    public static string Of(PauseReason reason) => reason switch
    {
        PauseReason.Pci => "pci",
        PauseReason.Privacy => "privacy",
        PauseReason.OffTheRecord => "off_the_record",
        PauseReason.Legal => "legal",
        _ => "other",
    };

    /// <summary>Reads why recording is to be paused.</summary>
    public static PauseReason? ToPauseReason(string word) => word switch
    {
        "pci" => PauseReason.Pci,
        "privacy" => PauseReason.Privacy,
        "off_the_record" => PauseReason.OffTheRecord,
        "legal" => PauseReason.Legal,
        "other" => PauseReason.Other,
        _ => null,
    };

    /// <summary>Reads what is to become of the recording.</summary>
    public static RecordAction? ToRecordAction(string word) => word switch
    {
        "start" => RecordAction.Start,
        "pause" => RecordAction.Pause,
        "resume" => RecordAction.Resume,
        "stop" => RecordAction.Stop,
        _ => null,
    };

    /// <summary>Why a participant left.</summary>
    public static string Of(LeaveReason reason) => reason switch
    {
        LeaveReason.Kicked => "kicked",
        LeaveReason.Timeout => "timeout",
        LeaveReason.DuplicateIdentity => "replaced",
        LeaveReason.RoomClosed => "room_closed",
        LeaveReason.TokenExpired => "token_expired",
        LeaveReason.ServerShutdown => "server_shutdown",
        LeaveReason.Refused => "refused",
        LeaveReason.NodeLost => "node_lost",
        LeaveReason.ConnectionFailed => "connection_failed",
        _ => "client_left",
    };

    /// <summary>The error code of a refusal.</summary>
    public static string Of(RoomErrorCode code) => code switch
    {
        RoomErrorCode.NotFound => ErrorCodes.NotFound,
        RoomErrorCode.Forbidden => ErrorCodes.Forbidden,
        RoomErrorCode.BadState => ErrorCodes.BadState,
        RoomErrorCode.BadRequest => ErrorCodes.BadMessage,
        RoomErrorCode.RoomFull => ErrorCodes.RoomFull,
        RoomErrorCode.RoomLocked => ErrorCodes.RoomLocked,
        RoomErrorCode.Limit => ErrorCodes.Limit,
        RoomErrorCode.Draining => ErrorCodes.Draining,
        RoomErrorCode.RecordingUnavailable => ErrorCodes.RecordingUnavailable,
        _ => ErrorCodes.Internal,
    };
}
