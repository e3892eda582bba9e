using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <content>The room's log: to the media session, to the client, and what it says about the participant itself.</content>
internal sealed partial class Session
{
    /// <summary>Most events held while a participant enters: as many as a resume may be behind.</summary>
    private const int MaxHeldEvents = 1000;

    private readonly HashSet<ParticipantId> _hidden = [];
    private readonly List<LoggedEvent> _held = [];
    private long _mediaSeq;
    private long _shownSeq;

    /// <summary>In the mailbox: true for a participant that appears nowhere.</summary>
    public bool AppearsNowhere(ParticipantId participant) => participant != ParticipantId && _hidden.Contains(participant);

    private void Follow(long after)
    {
        _follower?.Dispose();
        _follower = new RoomFollower(
            _services.Hub, Room, after, (source, entry) => Post(() => OnRoomEvent(source, entry)), _services.Time, _services.Logger);
        _follower.Start();
    }

    /// <summary>Shows the client what it missed, and goes on from there.</summary>
    private void Replay(long afterSeq, long lastSeq)
    {
        _shownSeq = Math.Min(afterSeq, lastSeq);
        Follow(Math.Min(_shownSeq, _mediaSeq));
    }

    private void OnRoomEvent(RoomFollower source, LoggedEvent entry)
    {
        if (source != _follower) return;
        switch (_phase)
        {
            case Phase.Waiting:
                OnEventWaiting(entry);
                break;
            case Phase.Entering when _held.Count < MaxHeldEvents:
                _held.Add(entry);
                break;
            case Phase.Entering:
                OnBroken(new InvalidOperationException($"More than {MaxHeldEvents} events while entering."));
                break;
            case Phase.Joined:
                OnEventJoined(entry);
                break;
        }
    }

    private void OnEventWaiting(LoggedEvent entry)
    {
        switch (entry.Event)
        {
            case ParticipantAdmitted admitted when admitted.Participant.Id == ParticipantId:
                _phase = Phase.Entering;
                _ = EnterAsync();
                break;
            case ParticipantLeft left when left.Participant == ParticipantId:
                Finish(Farewell.Of(left.Reason, _joinId), ProtocolNames.Of(left.Reason));
                break;
        }
    }

    private async Task EnterAsync()
    {
        RoomSnapshot? snapshot = null;
        Exception? failure = null;
        try
        {
            snapshot = await _room.GetAsync().WaitAsync(_services.Options.RequestTimeout, _services.Time);
        }
#pragma warning disable CA1031 // the store or the cluster does not answer: the session ends with a typed reason
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        Post(() =>
        {
            if (_phase != Phase.Entering) return;
            if (failure is not null) OnBroken(failure);
            else if (snapshot?.Participants.Any(participant => participant.Id == ParticipantId) == true) Enter(snapshot, resumed: false);
            else _phase = Phase.Waiting; // gone already: the log says why
            ReleaseHeld();
        });
    }

    private void ReleaseHeld()
    {
        LoggedEvent[] held = [.. _held];
        _held.Clear();
        foreach (LoggedEvent entry in held) OnRoomEvent(_follower!, entry);
    }

    private void OnEventJoined(LoggedEvent entry)
    {
        LearnHidden(entry.Event);
        if (entry.Seq > _mediaSeq)
        {
            _mediaSeq = entry.Seq;
            _media?.OnEvent(entry);
        }

        if (entry.Event is ParticipantLeft left && left.Participant == ParticipantId) OnSelfLeft(left);
        else if (entry.Event is SessionResumed resumed && resumed.Participant == ParticipantId && resumed.Node != _services.Node.Id) GoElsewhere();
        else Show(entry);
        if (entry.Event is RoomClosed && _pendingFarewell is { } farewell) Finish(farewell, farewell.Bye.Reason);
    }

    private void OnSelfLeft(ParticipantLeft left)
    {
        Farewell farewell = Farewell.Of(left.Reason, null);
        if (left.Reason != LeaveReason.RoomClosed)
        {
            Finish(farewell, ProtocolNames.Of(left.Reason));
            return;
        }

        // The room's own end is the next entry, and the client is to see it before the bye.
        _pendingFarewell = farewell;
        Arm(FarewellTimeout);
    }

    /// <summary>The client resumed on another node, which carries its media now.</summary>
    private void GoElsewhere()
    {
        IClientSocket? socket = _socket;
        if (Release("resumed on another node")) socket?.Close(CloseCodes.Replaced);
    }

    private void Show(LoggedEvent entry)
    {
        if (_socket is not { } socket || entry.Seq <= _shownSeq) return;
        _shownSeq = entry.Seq;
        if (EventMapper.Map(entry, Rights.Admin, AppearsNowhere) is { } message) socket.Send(ServerMessageContext.Write(message));
        if (entry.Event is TrackMuted muted && muted.Participant == ParticipantId && muted.By.Participant != ParticipantId)
        {
            Send(new ForcedMuteMessage(
                muted.Track.Value, muted.Muted, EventMapper.By(muted.By, AppearsNowhere), ProtocolNames.Of(muted.Reason)));
        }
    }

    private void LearnHidden(RoomSnapshot snapshot)
    {
        foreach (Participant participant in snapshot.Participants) Learn(participant);
    }

    private void LearnHidden(RoomEvent roomEvent)
    {
        switch (roomEvent)
        {
            case ParticipantJoined joined:
                Learn(joined.Participant);
                break;
            case ParticipantAdmitted admitted:
                Learn(admitted.Participant);
                break;
            case ParticipantLeft left:
                _hidden.Remove(left.Participant);
                break;
        }
    }

    private void Learn(Participant participant)
    {
        if (participant.Rights.Hidden) _hidden.Add(participant.Id);
    }

    private async Task EndLostTracksAsync(IReadOnlyList<TrackId> lost)
    {
        try
        {
            await _room.UnpublishAsync(ParticipantId, lost, UnpublishReason.Replaced).WaitAsync(_services.Options.RequestTimeout, _services.Time);
        }
#pragma warning disable CA1031 // others would see dead tracks: the session ends, and they with it
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Post(() => OnBroken(exception));
        }
    }
}
