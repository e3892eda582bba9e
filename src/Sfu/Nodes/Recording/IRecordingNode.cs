using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>The recorder of this process, as the recordings' owners see it: coarse commands, each after its decision is durable.</summary>
/// <remarks>Safe on any thread. Asking twice is harmless: a command that holds already is answered as if it had just been carried out.
/// A command with a lower epoch than the last one seen for its recording is refused and counted. Implementations answer within 2 s
/// (<see cref="StopAsync"/>: 30 s) or throw <see cref="OperationCanceledException"/> when they are cancelled; other exceptions are
/// errors of the server.
/// <para>The node holds the media of a room by itself: a room whose <see cref="RoomInfo.Recording"/> or <see cref="RecordingOrder.Policy"/> says
/// <see cref="RecordingPolicy.Required"/> forwards nothing until the recording is started and its lease is fresh, whatever the control plane does.
/// After a restart that is from the first <see cref="IMediaSessions.Open"/> on, until <see cref="StartAsync"/> has continued the recording.</para></remarks>
public interface IRecordingNode
{
    /// <summary>Null when a new recording can be started now, else why not: known without asking a disk, so that a join is refused at once.</summary>
    RecordingCause? Unavailable { get; }

    /// <summary>Records from here. When the task ends with a start, the opening of the recording is durable and every packet that arrives
    /// later is recorded. A recording that the write-ahead log has open goes on as the same one, with a declared gap, also where the disk has no
    /// room for a new one.</summary>
    Task<NodeRecordingStart> StartAsync(RecordingOrder order, CancellationToken cancellation);

    /// <summary>Masks the room, or an identity. When the task ends, no packet that arrives later, and no data message, is recorded of it, nor of
    /// anybody who joins with the identity before it is resumed, from the first packet on.</summary>
    Task PauseAsync(RecordingFence recording, PauseOrder order, CancellationToken cancellation);

    /// <summary>Ends the mask that was ordered for a participant (<see cref="PauseOrder.Participant"/>), or of the room (null). The other masks stay.</summary>
    Task ResumeAsync(RecordingFence recording, ParticipantId? participant, CancellationToken cancellation);

    /// <summary>Changes the policy of a running recording.</summary>
    Task SetPolicyAsync(RecordingFence recording, RecordingPolicy policy, CancellationToken cancellation);

    /// <summary>Stops and seals, also what only the write-ahead log knows. When the task ends, the evidence is complete.</summary>
    /// <returns>Null when there is nothing of this recording anywhere.</returns>
    Task<NodeRecordingStopped?> StopAsync(RecordingFence recording, RecordingEndReason reason, CancellationToken cancellation);

    /// <summary>How a recording is now; answers at once. Asked once a second: an event that got lost is found out.</summary>
    NodeRecordingHealth HealthOf(Guid recording);

    /// <summary>What the write-ahead log still had open when this process started, whether it was continued since or not. Waits until the log is
    /// read. Who is not continued or stopped by its owner is stopped by the sweep (<see cref="RecordingEndReason.Abandoned"/>).</summary>
    Task<IReadOnlyList<OpenRecording>> RecoverAsync(CancellationToken cancellation);

    /// <summary>Whether participants are recorded, from the next packet on; posts and returns at once. Called for each one before its media
    /// session is opened, and whenever its state changes. Kept for a room without a recording too: a start may follow.</summary>
    void SetParticipants(RoomFence room, IReadOnlyList<RecordedParticipant> participants);

    /// <summary>Ends when what <see cref="SetParticipants"/> said last holds at every worker: what is received later is treated so.</summary>
    /// <exception cref="TimeoutException">A worker does not answer.</exception>
    Task SettleAsync(RoomKey room, CancellationToken cancellation);

    /// <summary>One event of the room's log, durable, in order, each once; posts and returns at once. Into the journal while the room is recorded
    /// (record type 4). <see cref="EventAudience.Internal"/> ones are not given.</summary>
    void OnRoomEvent(RoomFence room, LoggedEvent entry);

    /// <summary>A data message that is about to be delivered; posts and returns at once. This is the one place where it is decided whether it
    /// is journalled (record type 5): while its sender is <see cref="ParticipantRecordingState.On"/> and neither it nor the room is paused.</summary>
    /// <param name="room">The room.</param>
    /// <param name="from">Who sent it; null = the server.</param>
    /// <param name="frame">The message as the receivers get it, UTF-8 JSON (<c>data</c> of docs/signalling.md); must not be changed later.</param>
    void OnData(RoomKey room, ParticipantId? from, ReadOnlyMemory<byte> frame);
}

/// <summary>A recording that was open when the process ended.</summary>
/// <param name="Recording">Its id.</param>
/// <param name="Room">Whose media it is.</param>
public sealed record OpenRecording(Guid Recording, RoomKey Room);
