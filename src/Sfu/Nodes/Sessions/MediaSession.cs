using Sfu.Media.Ice;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes.Sessions;

/// <summary>One participant's media: its transport, what it publishes, what it receives; tells its sink what happens.</summary>
/// <remarks>Guarded by its room's gate; offers leave the gate while the room is asked (<see cref="OfferExchange"/>).</remarks>
internal sealed partial class MediaSession : IMediaSession
{
    /// <summary>How long changes are gathered before the client is asked to offer again.</summary>
    internal static readonly TimeSpan NegotiateDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a player that cannot be negotiated with again waits for media that was announced.</summary>
    internal static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(5);

    private readonly long _after;
    private readonly SinkQueue _sink;
    private readonly ITimer _timer;
    private readonly NegotiationNeed _need = new();
    private readonly HashSet<TrackId> _own = [];
    private readonly Participant _self;
    private bool _isTimerArmed;
    private volatile bool _isConnected;
    private string? _closedReason;
    private TaskCompletionSource? _ready;

    /// <summary>Makes a session without a transport; <see cref="Begin"/> follows in the same turn.</summary>
    internal MediaSession(MediaRoom room, RoomSnapshot snapshot, Participant self, MediaSessionMode mode, IMediaSessionSink sink)
    {
        Room = room;
        Mode = mode;
        FollowsRoom = sink.FollowsRoom;
        _self = self;
        _after = snapshot.Seq;
        Subscriptions = new SubscriptionList(mode.SubscribesAutomatically, room.Services.Time);
        NodeServices services = room.Services;
        _sink = new SinkQueue(sink, error => services.Logger.SinkFailed(self.Id, error), () => services.Logger.SinkFull(self.Id));
        _timer = services.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        room.People.Take(snapshot);
        foreach (Participant other in snapshot.Participants)
        {
            foreach (Track track in other.Tracks)
            {
                if (other.Id == self.Id) _own.Add(track.Id);           // of an earlier connection: the first offer replaces them
                else Note(track);
            }
        }
    }

    /// <inheritdoc/>
    public ParticipantId Participant => _self.Id;

    /// <inheritdoc/>
    public bool IsConnected => _isConnected;

    /// <summary>The room it is in.</summary>
    internal MediaRoom Room { get; }

    /// <summary>What it receives and how it answers.</summary>
    internal MediaSessionMode Mode { get; }

    /// <summary>It receives only and takes sendrecv sections as receiving ones (WHEP).</summary>
    internal bool IsPlayer => Mode.Only is not null;

    /// <summary>Others do not know of it.</summary>
    internal bool IsHidden => _self.Rights.Hidden;

    /// <summary>It is told who speaks and how good the connections are.</summary>
    internal bool FollowsRoom { get; }

    /// <summary>It was connected at least once.</summary>
    internal bool WasConnected { get; private set; }

    /// <summary>It is over.</summary>
    internal bool IsEnded { get; private set; }

    /// <summary>An offer is being answered.</summary>
    internal bool HasOpenOffer { get; private set; }

    /// <summary>Its transport; null before the first answer and after the transport ended.</summary>
    internal SessionTransport? Transport { get; set; }

    /// <summary>The tracks of the others.</summary>
    internal SubscriptionList Subscriptions { get; }

    /// <summary>Tracks that the room knows as published by it, with or without a live producer.</summary>
    internal IReadOnlyCollection<TrackId> Own => _own;

    /// <inheritdoc/>
    public void OnEvent(LoggedEvent entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        using RoomTurn turn = Room.Enter();
        if (IsEnded || entry.Seq <= _after) return;
        Room.People.Take(entry);
        switch (entry.Event)
        {
            case ParticipantJoined or ParticipantAdmitted:
                break;
            case ParticipantLeft left:
                Forget(left.Participant);
                break;
            case TrackPublished published:
                Note(published.Track);
                break;
            case TrackUnpublished unpublished:
                Forget(unpublished.Track);
                break;
            default:
                return;
        }

        Reconsider();
    }

    /// <inheritdoc/>
    public Task<MediaAnswer> OfferAsync(string sdp, IReadOnlyDictionary<string, TrackLabel> labels, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sdp);
        ArgumentNullException.ThrowIfNull(labels);
        return new OfferExchange(this, sdp, labels).RunAsync(cancellation);
    }

    /// <inheritdoc/>
    public IceRestart? RestartIce(IceCredentials remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        using RoomTurn turn = Room.Enter();
        if (IsEnded || HasOpenOffer || Transport is not { Agreed: { } agreed } transport) return null;
        transport.Local = IceSecrets.New();
        transport.Agreed = agreed with { RemoteIce = remote };
        transport.Placement.Post(new RestartIce(transport.Id, transport.Local, remote));
        return new IceRestart(transport.Local, transport.Placement.Port.Worker.Candidates);
    }

    /// <inheritdoc/>
    public RoomError? Subscribe(IReadOnlyList<TrackId> tracks, bool on)
    {
        ArgumentNullException.ThrowIfNull(tracks);
        using RoomTurn turn = Room.Enter();
        if (!_self.Rights.Subscribe) return new RoomError(RoomErrorCode.Forbidden, "The token does not allow to receive.");
        var known = new List<Subscription>(tracks.Count);
        foreach (TrackId track in tracks)
        {
            if (Subscriptions.Find(track) is not { } subscription) return new RoomError(RoomErrorCode.NotFound, $"There is no track {track} to receive.");
            known.Add(subscription);
        }

        if (on && !Subscriptions.HasRoomFor(known))
            return new RoomError(RoomErrorCode.Limit, $"At most {SubscriptionList.Limit} tracks can be received at once; switch others off.");
        foreach (Subscription subscription in known)
        {
            Subscriptions.Switch(subscription, on);
            subscription.IsRequested = on && subscription.Section is null;
            if (!on && subscription.Section is { } section) Release(section, isGone: false);
        }

        Reconsider();
        return null;
    }

    /// <inheritdoc/>
    public RoomError? SetLayers(TrackId track, LayerWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        using RoomTurn turn = Room.Enter();
        if (Subscriptions.Find(track) is not { } subscription) return new RoomError(RoomErrorCode.NotFound, $"There is no track {track} to receive.");
        subscription.Wish = wish;
        if (subscription.Section?.Consumer is { } sent) Prefer(sent, wish);
        return null;
    }

    /// <inheritdoc/>
    public void Replay()
    {
        using RoomTurn turn = Room.Enter();
        if (IsEnded) return;
        if (IsConnected) Tell(sink => sink.OnMediaConnected());
        else if (_closedReason is { } reason) Tell(sink => sink.OnMediaClosed(reason));
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Consumer is { Layers: { } layers } sent) TellLayers(sent, layers);
        }

        _need.Reset();
        ScheduleNegotiate();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using RoomTurn turn = Room.Enter();
        End();
    }

    /// <summary>Asks for the first offer when something waits already.</summary>
    internal void Begin() => Reconsider();

    /// <summary>Ends the session: closes the transport, tells nobody any more.</summary>
    internal void End()
    {
        if (IsEnded) return;
        CloseTransport();
        IsEnded = true;
        _ready?.TrySetResult();
        _sink.Close();
        _timer.Dispose();
        Room.Remove(this);
    }

    /// <summary>Delivers what waits for the sink; outside of the gate.</summary>
    internal void Deliver() => _sink.Drain();

    /// <summary>An offer begins to be answered.</summary>
    internal void BeginOffer() => HasOpenOffer = true;

    /// <summary>The offer was answered or refused: what waited for that goes on.</summary>
    internal void EndOffer()
    {
        HasOpenOffer = false;
        ScheduleNegotiate();
    }

    /// <summary>An offer was answered; a transport that ended before is no longer what counts.</summary>
    internal void OnAnswered(ReadOnlySpan<int> addedSections)
    {
        _closedReason = null;
        _need.OnAnswered(addedSections);
    }

    /// <summary>A track of its own was published.</summary>
    internal void AddOwn(TrackId track) => _own.Add(track);

    /// <summary>A track of its own ended; false when it is not its own.</summary>
    internal bool ForgetOwn(TrackId track) => _own.Remove(track);

    /// <summary>Gives the viewer's wishes to a new consumer.</summary>
    internal static void Prefer(SentTrack sent, LayerWish wish) => sent.Placement?.Post(new SetConsumerPreferences(
        sent.Id, wish.IsPaused, wish.Width, wish.Height, wish.FramesPerSecond, wish.Priority));

    private void Note(Track track)
    {
        if (!_self.Rights.Subscribe || track.Participant == Participant) return;
        if (!Room.People.TryFind(track.Participant, out Participant? owner) || owner.Rights.Hidden) return;
        if (Mode.Only is null || Mode.Only == owner.Identity) Subscriptions.Add(track);
    }

    private void Forget(TrackId track)
    {
        _own.Remove(track);
        if (Subscriptions.Remove(track)?.Section is { } section) Release(section, isGone: false);
        if (Room.Find(track) is { } published) Room.Unpublish(published, isGone: false);
    }

    private void Forget(ParticipantId participant)
    {
        foreach (Subscription left in Subscriptions.All.Where(s => s.Participant == participant).ToArray()) Forget(left.Id);
    }

    private void Tell(Action<IMediaSessionSink> notification, bool isReplaceable = false)
    {
        _sink.Add(notification, isReplaceable);
        Room.Tell(this);
    }
}
