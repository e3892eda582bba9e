using System.Collections.Concurrent;
using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>Writes down what the rooms told the media plane.</summary>
internal sealed class RecordingMediaNode : IMediaNode
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<(RoomFence Room, string Command)> Commands { get; } = new();

    /// <summary>Ends when a room was closed; fails after 20 s.</summary>
    public Task ClosedAsync() => _closed.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public IEnumerable<string> Of(RoomKey room) => Commands.Where(entry => entry.Room.Room == room).Select(entry => entry.Command);

    public void RemoveParticipant(RoomFence room, ParticipantId participant, LeaveReason reason, string detail) =>
        Commands.Enqueue((room, $"remove {participant} {reason} {detail}".TrimEnd()));

    public void SetTrackMuted(RoomFence room, TrackId track, bool muted) => Commands.Enqueue((room, $"mute {track} {muted}"));

    public void RemoveTrack(RoomFence room, TrackId track) => Commands.Enqueue((room, $"end {track}"));

    public void CloseRoom(RoomFence room, RoomCloseReason reason)
    {
        Commands.Enqueue((room, $"close {reason}"));
        _closed.TrySetResult();
    }

    public void Supersede(RoomFence room) => Commands.Enqueue((room, $"supersede {room.Epoch}"));
}
