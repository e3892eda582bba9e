using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <content>Media, time, and the ways a session ends.</content>
internal sealed partial class Session
{
    private static readonly TimeSpan LeaveAnswerTimeout = TimeSpan.FromSeconds(1);

    private string _mediaState = "none";

    private TimeSpan Now => _services.Monotonic(_services.Time.GetTimestamp());

    /// <summary>In the mailbox: an offer was answered, so that a path that ended before no longer counts.</summary>
    public void OnAnswered()
    {
        if (_mediaState == "closed") _mediaState = "none";
    }

    /// <summary>In the mailbox: media flows.</summary>
    public void OnMediaConnected()
    {
        if (_phase != Phase.Joined) return;
        _mediaState = "connected";
        _watch.MediaConnected();
        if (!_wasConnected) _services.JoinTimes.Connected(_services.Time.GetElapsedTime(_startedAt));
        _wasConnected = true;
        Send(new MediaStateMessage("connected", null));
        CheckLoss();
    }

    /// <summary>In the mailbox: the first packet of a kind was sent. Whoever was alone at first did not wait since the join.</summary>
    public void OnFirstMedia(MediaKind kind, TimeSpan waited) => _services.JoinTimes.FirstMedia(kind, _services.Time.GetElapsedTime(_startedAt), waited);

    /// <summary>In the mailbox: the media path ended.</summary>
    public void OnMediaClosed(string reason)
    {
        // A client that resumed was told by joined already: told twice it would throw away the connection it is just making.
        if (_phase != Phase.Joined || _mediaState == "closed") return;
        _mediaState = "closed";
        _watch.MediaClosed(Now, reason);
        Send(new MediaStateMessage("closed", reason));
        CheckLoss();
    }

    private void OnTimer()
    {
        if (_phase == Phase.Ended) return;
        if (_pendingFarewell is { } farewell) Finish(farewell, farewell.Bye.Reason);
        else CheckLoss();
    }

    private void CheckLoss()
    {
        TimeSpan now = Now;
        if (_watch.Poll(now, out TimeSpan? next) is { } reason) Leave(reason, "", null);
        else if (next is { } at) Arm(at - now);
    }

    private void Arm(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the participation, and then the socket.</summary>
    private void Leave(LeaveReason reason, string detail, Farewell? farewell)
    {
        IClientSocket? socket = _socket;
        if (!Release(ProtocolNames.Of(reason))) return;
        _ = LeaveAsync(reason, detail, farewell, socket);
    }

    private async Task LeaveAsync(LeaveReason reason, string detail, Farewell? farewell, IClientSocket? socket)
    {
        Task leaving = RoomDeparture.LeaveAsync(_services, _room, Id, ParticipantId, reason, detail);
        if (farewell is null || socket is null) return;
        // The client's word that it has left is true when it gets it, unless the room is slow to answer.
        await Task.WhenAny(leaving, Task.Delay(LeaveAnswerTimeout, _services.Time));
        socket.Close(farewell.CloseCode, ServerMessageContext.Write(farewell.Bye));
    }

    /// <summary>The room ended the participation already, or keeps it: only the client is told.</summary>
    private void Finish(Farewell farewell, string why)
    {
        IClientSocket? socket = _socket;
        if (Release(why)) socket?.Close(farewell.CloseCode, ServerMessageContext.Write(farewell.Bye));
    }

    private void OnBroken(Exception exception)
    {
        if (_phase == Phase.Ended) return;
        _services.Logger.SessionBroken(exception, Id.Value);
        Leave(LeaveReason.ConnectionFailed, "internal", Farewell.Broken);
    }

    private bool Release(string why)
    {
        if (_phase == Phase.Ended) return false;
        _phase = Phase.Ended;
        _services.Registry.Remove(this);
        _services.Registry.Exit(Room, this);
        _socket = null;
        _follower?.Dispose();
        _timer.Dispose();
        _requests.Dispose();
        _media?.Dispose();
        _services.Logger.SessionOver(Id.Value, why);
        return true;
    }
}
