using System.Collections.Concurrent;
using Sfu.Nodes.Sessions;
using Sfu.Nodes.Workers;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Router.Overload;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>The media plane of this process: finds the room that a command, an event or a new session belongs to.</summary>
internal sealed class MediaNode(NodeServices services) : IMediaNode, IMediaSessions
{
    private readonly ConcurrentDictionary<RoomKey, MediaRoom> _rooms = new();
    private readonly EpochTable _epochs = new();

    /// <inheritdoc/>
    public IMediaSession Open(RoomKey room, RoomSnapshot snapshot, Participant self, MediaSessionMode mode, IMediaSessionSink sink)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(self);
        ArgumentNullException.ThrowIfNull(mode);
        ArgumentNullException.ThrowIfNull(sink);
        while (true)
        {
            MediaRoom open = _rooms.GetOrAdd(room, key => new MediaRoom(key, services, Forget));
            using RoomTurn turn = open.Enter();
            if (open.IsClosed) continue;                   // it closed between the look-up and the gate
            var session = new MediaSession(open, snapshot, self, mode, sink);
            open.Add(session);
            // After a restart the room knows of a recording that the recorder has not continued yet: it holds from the first packet on.
            RoomRecording? live = snapshot.Room.Recording is { IsLive: true } running ? running : null;
            services.Taps?.Of(room).OnRoomOpened(live?.Policy ?? snapshot.Room.Settings.Recording, live?.Consent ?? snapshot.Room.Settings.Consent);
            session.Begin();
            return session;
        }
    }

    /// <inheritdoc/>
    public void RemoveParticipant(RoomFence room, ParticipantId participant, LeaveReason reason, string detail) => InRoom(room, open =>
    {
        if (open.Find(participant) is { } session) session.End();
        else services.Metrics.Stale();
    });

    /// <inheritdoc/>
    public void SetTrackMuted(RoomFence room, TrackId track, bool muted) => InRoom(room, open => open.SetMuted(track, muted));

    /// <inheritdoc/>
    public void RemoveTrack(RoomFence room, TrackId track) => InRoom(room, open => open.Remove(track));

    /// <inheritdoc/>
    public void CloseRoom(RoomFence room, RoomCloseReason reason) => InRoom(room, open => open.EndAll());

    /// <inheritdoc/>
    public void Supersede(RoomFence room) => InRoom(room, open => open.CloseAll());

    /// <summary>One event of a worker; called by the worker's pump.</summary>
    internal void OnWorkerEvent(WorkerPort port, WorkerEvent workerEvent)
    {
        // Each second of each room, so without the closure that the others share, which the compiler makes before it looks which it is.
        if (workerEvent is RoomSummary summary) TakeSummary(summary);
        else Take(workerEvent);
    }

    private void Take(WorkerEvent workerEvent)
    {
        switch (workerEvent)
        {
            case TransportConnected connected:
                InRoom(connected.Room, room => room.Find(connected.Transport)?.OnConnected(connected));
                break;
            case TransportClosed closed:
                services.Metrics.Closed(closed.Reason);
                InRoom(closed.Room, room => room.Find(closed.Transport)?.OnTransportClosed(closed.Reason));
                break;
            case ProducerActive active:
                InRoom(active.Room, room => room.OnActive(active));
                break;
            case ConsumerLayerChanged changed:
                if (services.Consumers.TryGetValue(changed.Consumer, out SentTrack? sent)) InRoom(sent.Viewer.Room, _ => sent.Viewer.OnLayers(sent, changed));
                break;
            case ActiveSpeakersChanged speakers:
                InRoom(speakers.Room, room => room.OnSpeakers(speakers));
                break;
            case RoomFailed failed:
                services.Logger.RoomFailed(failed.Room, failed.Error);
                break;
            case WorkerFailed failed:
                services.Logger.WorkerFailed(failed.Worker, failed.Error);
                break;
            case WorkerShedChanged shed:
                Report(shed);
                break;
            case WorkerStarted started:
                Report(started);
                break;
        }
    }

    /// <summary>A worker's events have ended: whatever it carried is gone.</summary>
    internal void OnWorkerEnded(WorkerPort port)
    {
        port.Close();
        foreach (MediaRoom room in services.RoomsById.Values)
        {
            InRoom(room, open => open.Fail(placement => placement.Port == port));
        }

        services.Pipes.Forget(port);                       // what no room returned
    }

    /// <summary>A room's commands were given up: its worker closes it, and so do we.</summary>
    internal void OnRoomLost(RoomId id)
    {
        if (!services.RoomsById.TryGetValue(id, out MediaRoom? room)) return;
        services.Logger.RoomLost(room.Key);
        InRoom(room, open => open.Fail(placement => placement.Id == id));
    }

    private void TakeSummary(RoomSummary summary)
    {
        if (services.RoomsById.TryGetValue(summary.Room, out MediaRoom? room))
        {
            using RoomTurn turn = room.Enter();
            if (!room.IsClosed) room.OnSummary(summary);
        }

        summary.Release();
    }

    private static void InRoom(MediaRoom room, Action<MediaRoom> action)
    {
        using RoomTurn turn = room.Enter();
        if (!room.IsClosed) action(room);
    }

    private void InRoom(RoomId id, Action<MediaRoom> action)
    {
        if (services.RoomsById.TryGetValue(id, out MediaRoom? room)) InRoom(room, action);
    }

    private void InRoom(RoomFence fence, Action<MediaRoom> action)
    {
        if (!_epochs.TryPass(fence)) services.Metrics.EpochRefused();
        else if (_rooms.TryGetValue(fence.Room, out MediaRoom? room)) InRoom(room, action);
    }

    private void Forget(MediaRoom room)
    {
        _rooms.TryRemove(KeyValuePair.Create(room.Key, room));
        services.Taps?.Forget(room.Key);
    }

    private void Report(WorkerShedChanged shed)
    {
        int busy = (int)Math.Round(shed.Busy * 100);
        if (shed.Cause == ShedCause.Recovered) services.Logger.WorkerRecovers(shed.Worker, busy, shed.Step);
        else services.Logger.WorkerSheds(shed.Worker, shed.Cause, busy, shed.Step);
    }

    private void Report(WorkerStarted started)
    {
        services.Logger.WorkerStarted(
            started.Worker, started.UdpPort, started.TcpPort, started.ReceiveBuffer, started.SendBuffer, started.Segmentation, started.Cipher);
        int granted = Math.Min(started.ReceiveBuffer, started.SendBuffer);
        if (granted < started.WantedBuffer) services.Logger.SmallBuffers(started.Worker, granted, started.WantedBuffer);
    }
}
