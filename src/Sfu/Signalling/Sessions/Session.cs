using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <summary>One participation over <c>/ws</c>: a state machine that messages, room events, media events and time go into, and messages
/// and requests to the room come out of. It may outlive several sockets.</summary>
/// <remarks>Everything runs in its <see cref="Mailbox"/>, one piece after the other: no lock is held while rooms or media are called, and what
/// they call back is queued. Public members may be used on any thread unless they say otherwise.</remarks>
#pragma warning disable CA1001 // what it owns is released by Release, in its mailbox, whichever way it ends
internal sealed partial class Session : IRoomMember
#pragma warning restore CA1001
{
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly SessionServices _services;
    private readonly Mailbox _mailbox;
    private readonly IRoomGrain _room;
    private readonly LossWatch _watch;
    private readonly SessionRequests _requests;
    private readonly ITimer _timer;
    private readonly bool _subscribesAutomatically;
    private readonly long _startedAt;

    private Phase _phase = Phase.New;
    private Participant _self;
    private string _secret;
    private IClientSocket? _socket;
    private IMediaSession? _media;
    private RoomFollower? _follower;
    private Farewell? _pendingFarewell;
    private int _joinId;
    private bool _wasConnected;

    /// <summary>Makes a session of a participant that the room knows; nothing happens before one of the Begin methods.</summary>
    /// <param name="services">The rest of the process.</param>
    /// <param name="room">The room.</param>
    /// <param name="self">The participant.</param>
    /// <param name="secret">What the client shows to resume; the room has its hash.</param>
    /// <param name="subscribesAutomatically">Receives every track of the others.</param>
    /// <param name="startedAt">When the <c>join</c> came, a timestamp of the clock.</param>
    public Session(SessionServices services, RoomKey room, Participant self, string secret, bool subscribesAutomatically, long startedAt)
    {
        (_services, Room, _self, _secret) = (services, room, self, secret);
        (_subscribesAutomatically, _startedAt) = (subscribesAutomatically, startedAt);
        (Id, ParticipantId, Rights) = (self.Session, self.Id, self.Rights);
        _mailbox = new Mailbox(services.Run, OnBroken);
        _room = services.Rooms(room);
        _watch = new LossWatch(services.Options.SilenceTimeout, services.Options.ResumeWindow);
        _requests = new SessionRequests(this, services, _room);
        _timer = services.Time.CreateTimer(_ => Post(OnTimer), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum Phase
    {
        New,
        Waiting,
        Entering,
        Joined,
        Ended,
    }

    /// <summary>Its id.</summary>
    public SessionId Id { get; }

    /// <summary>Its room.</summary>
    public RoomKey Room { get; }

    /// <inheritdoc/>
    public ParticipantId ParticipantId { get; }

    /// <summary>What the participant may do.</summary>
    public ParticipantRights Rights { get; }

    /// <inheritdoc/>
    public bool IsHidden => Rights.Hidden;

    /// <summary>The participant joined.</summary>
    public void BeginJoined(IClientSocket socket, int joinId, RoomSnapshot snapshot) => Post(() =>
    {
        Begin(socket, joinId, "joined");
        Enter(snapshot, resumed: false);
        Follow(snapshot.Seq);
    });

    /// <summary>The participant waits in the lobby.</summary>
    public void BeginWaiting(IClientSocket socket, int joinId, JoinWaiting waiting) => Post(() =>
    {
        Begin(socket, joinId, "waits for");
        _phase = Phase.Waiting;
        Send(new WaitingMessage(joinId, Id.Value, new RoomNameBody(waiting.Room.Key.Room), Wire.OfSelf(_self)));
        Follow(waiting.Seq);
    });

    /// <summary>The session goes on although this process does not know it: it ran before, or elsewhere. Its media is gone.</summary>
    /// <param name="socket">The new socket.</param>
    /// <param name="joinId">The <c>join</c> that is answered.</param>
    /// <param name="snapshot">The room as it is.</param>
    /// <param name="afterSeq">The last event the client saw.</param>
    public void BeginRestored(IClientSocket socket, int joinId, RoomSnapshot snapshot, long afterSeq) => Post(() =>
    {
        Begin(socket, joinId, "came back to");
        _mediaState = "closed";
        Enter(snapshot, resumed: true);
        AwaitProof();
        Replay(afterSeq, snapshot.Seq);
        TrackId[] lost = [.. _self.Tracks.Select(track => track.Id)];
        if (lost.Length > 0) _ = EndLostTracksAsync(lost);
    });

    /// <summary>A message came.</summary>
    public void OnMessage(IClientSocket socket, ClientMessage message) => Post(() => Handle(socket, message));

    /// <summary>The socket is gone.</summary>
    public void OnSocketLost(IClientSocket socket) => Post(() => LoseSocket(socket));

    /// <inheritdoc/>
    public void Deliver(ReadOnlyMemory<byte> frame) => Post(() => _socket?.Send(frame));

    /// <summary>The process stops: the client is told to resume, the participant stays in the room.</summary>
    public void Stop() => Post(() => Finish(Farewell.Stopping(), "server stops"));

    /// <summary>Runs a piece of work in the session's mailbox.</summary>
    public bool Post(Action work)
    {
        if (_mailbox.Post(work)) return true;
        _services.Logger.MailboxFull(Id.Value);
        Volatile.Read(ref _socket)?.Close(CloseCodes.ServerError);
        return false;
    }

    /// <summary>Runs in the mailbox: makes and sends a message if there is a socket to send it on.</summary>
    public void PostSend(Func<ServerMessage> message) => Post(() =>
    {
        if (_phase == Phase.Joined && _socket is { } socket) socket.Send(ServerMessageContext.Write(message()));
    });

    /// <summary>In the mailbox: sends if there is a socket.</summary>
    public void Send(ServerMessage message) => _socket?.Send(ServerMessageContext.Write(message));

    /// <summary>In the mailbox: answers a request; one without id is answered only when refused.</summary>
    public void Reply(int? re, RoomError? error)
    {
        if (error is not null) Send(Wire.Of(error, re));
        else if (re is { } id) Send(new OkMessage(id));
    }

    /// <summary>In the mailbox: refuses a request.</summary>
    public void Refuse(int? re, string code, string message, string? field = null) => Send(new ErrorMessage(re, code, field, message, null));

    /// <summary>In the mailbox: this socket is the session's present one.</summary>
    public bool IsCurrent(IClientSocket socket) => _socket == socket;

    private void Begin(IClientSocket socket, int joinId, string how)
    {
        _services.Registry.Add(this);
        _services.Logger.SessionBegan(Id.Value, ParticipantId.Value, how, Room.ToString());
        (_socket, _joinId) = (socket, joinId);
    }

    private void Handle(IClientSocket socket, ClientMessage message)
    {
        if (!IsCurrent(socket) || _phase == Phase.Ended) return;
        LearnProof(message);
        switch (message)
        {
            case PingMessage ping:
                Send(new PongMessage(ping.Id, ping.T, _services.Time.GetUtcNow().ToUnixTimeMilliseconds()));
                break;
            case LeaveMessage leave:
                Leave(LeaveReason.ClientLeft, leave.Reason, Farewell.Left(leave.Id));
                break;
            default:
                if (_phase == Phase.Joined && _media is { } media) _requests.Handle(socket, media, message);
                else Refuse(message.Id, ErrorCodes.BadState, "Not while waiting: only ping and leave.");
                break;
        }
    }

    private void Enter(RoomSnapshot snapshot, bool resumed)
    {
        _phase = Phase.Joined;
        _self = snapshot.Participants.FirstOrDefault(participant => participant.Id == ParticipantId) ?? _self;
        _mediaSeq = _shownSeq = snapshot.Seq;
        LearnHidden(snapshot);
        var mode = new MediaSessionMode(_subscribesAutomatically && Rights.Subscribe);
        _media = _services.Media.Open(Room, snapshot, _self, mode, new SessionMediaSink(this));
        _services.Registry.Enter(Room, this);
        Send(Joined(snapshot, resumed));
    }

    private JoinedMessage Joined(RoomSnapshot snapshot, bool resumed)
    {
        Configuration.SignallingOptions options = _services.Options;
        return new JoinedMessage
        {
            Re = _joinId,
            Session = Id.Value,
            Secret = _secret,
            ResumeWindowMs = (long)options.ResumeWindow.TotalMilliseconds,
            Participant = Wire.OfSelf(_self),
            Room = Wire.Of(snapshot.Room, Rights.Admin ? snapshot.Waiting : null),
            Participants = Wire.Others(snapshot, ParticipantId),
            IceServers = _services.IceServers.For(_self.Identity),
            Limits = new LimitsBody(
                options.FrameBytes, options.OfferBytes, options.MessagesPerSecond, options.MessageBurst, _services.MaxTracks,
                SubscriptionList.Limit, (long)options.PingInterval.TotalMilliseconds, (long)options.IdleTimeout.TotalMilliseconds),
            Recording = Wire.Of(snapshot.Room.Recording),
            Seq = snapshot.Seq,
            Resumed = resumed,
            Media = _mediaState,
        };
    }

    private void LoseSocket(IClientSocket socket)
    {
        if (!IsCurrent(socket) || _phase == Phase.Ended) return;
        _socket = null;
        _requests.OnSocketGone();
        _services.Logger.SocketLost(Id.Value);
        // Who waits has no secret to come back with.
        if (_phase != Phase.Joined) Leave(LeaveReason.ClientLeft, "", null);
        else
        {
            _watch.SocketLost(Now, _services.Monotonic(socket.LastFrameAt));
            CheckLoss();
        }
    }
}
