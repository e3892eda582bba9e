using Sfu.Media.Ice;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Sessions;

/// <summary>One participant's media: its transport, what it publishes, what it receives; tells its sink what happens.</summary>
/// <remarks>Guarded by its room's gate; offers leave the gate while the room is asked (<see cref="OfferExchange"/>).</remarks>
internal sealed class MediaSession : IMediaSession
{
    /// <summary>How long changes are gathered before the client is asked to offer again.</summary>
    internal static readonly TimeSpan NegotiateDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a player that cannot be negotiated with again waits for media that was announced.</summary>
    internal static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(5);

    private readonly long _after;
    private readonly SinkQueue _sink;
    private readonly ITimer _timer;
    private readonly NegotiationNeed _need = new();
    private readonly Dictionary<ParticipantId, Participant> _participants = [];
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
        _self = self;
        _after = snapshot.Seq;
        Subscriptions = new SubscriptionList(mode.SubscribesAutomatically);
        NodeServices services = room.Services;
        _sink = new SinkQueue(sink, error => services.Logger.SinkFailed(self.Id, error), () => services.Logger.SinkFull(self.Id));
        _timer = services.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (Participant other in snapshot.Participants)
        {
            _participants[other.Id] = other;
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
        switch (entry.Event)
        {
            case ParticipantJoined joined:
                _participants[joined.Participant.Id] = joined.Participant;
                break;
            case ParticipantAdmitted admitted:
                _participants[admitted.Participant.Id] = admitted.Participant;
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
        Room.Post(new RestartIce(transport.Id, transport.Local, remote));
        return new IceRestart(transport.Local, transport.Port.Worker.Candidates);
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

    /// <summary>Closes the transport, if there is one, without telling the client.</summary>
    internal void CloseTransport()
    {
        if (Transport is not { } transport) return;
        Detach(transport);
        transport.Port.Post(transport.Room, new CloseTransport(transport.Id));
        Room.Forget(transport);
        Transport = null;
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
    internal void Prefer(SentTrack sent, LayerWish wish) => Room.Post(new SetConsumerPreferences(
        sent.Id, wish.IsPaused, wish.Width, wish.Height, wish.FramesPerSecond, wish.Priority));

    /// <summary>Media flows.</summary>
    internal void OnConnected(TransportConnected connected)
    {
        if (Transport is not { } transport || transport.Id != connected.Transport) return;
        transport.Protocol = connected.Protocol;
        WasConnected = true;
        _isConnected = true;
        Room.Services.Metrics.Connected(connected);
        Room.Services.Logger.Connected(
            Participant, connected.Protocol.ToString(), connected.Profile.ToString(), connected.IceElapsed.TotalMilliseconds, connected.DtlsElapsed.TotalMilliseconds);
        Tell(sink => sink.OnMediaConnected());
    }

    /// <summary>The worker closed the transport, with everything on it.</summary>
    internal void OnTransportClosed(TransportCloseReason reason)
    {
        if (Transport is not { } transport) return;
        Detach(transport);
        Room.Forget(transport);
        Transport = null;
        _need.Reset();
        string name = WireNames.Of(reason);
        Room.Services.Logger.Closed(Participant, name);
        if (reason == TransportCloseReason.Commanded) return;
        _closedReason = name;
        Tell(sink => sink.OnMediaClosed(name));
    }

    /// <summary>Takes everything off a transport that is being closed: its producers, consumers and sections.</summary>
    internal void Detach(SessionTransport transport)
    {
        _isConnected = false;
        if (transport.Protocol is { } protocol) Room.Services.Metrics.Disconnected(protocol);
        foreach (SessionSection section in transport.Sections)
        {
            Release(section, isGone: true);
            if (section.Published is { } published) Room.Unpublish(published, isGone: true);
        }

        transport.Sections = [];
    }

    /// <summary>Frees a section of what it receives: its track, if still wanted, waits again.</summary>
    internal void Release(SessionSection section, bool isGone)
    {
        if (section.Consumer is { } sent) Room.Drop(sent, isGone);
        if (section.Received is { } subscription && subscription.Section == section) subscription.Section = null;
        section.Consumer = null;
        section.Received = null;
        section.ReceiveRefusal = null;
        section.NeedsOffer = false;
    }

    /// <summary>Somebody's media can be received now.</summary>
    internal void OnTrackReady(PublishedTrack track)
    {
        if (Subscriptions.Find(track.Info.Id) is not { IsActive: true }) return;
        if (_ready is not null && IsReady) _ready.TrySetResult();
        ScheduleNegotiate();
    }

    /// <summary>Waits until the media of all wanted tracks comes in, for <see cref="ReadyPatience"/> at most.</summary>
    internal async Task WhenReadyAsync(CancellationToken cancellation)
    {
        Task ready;
        using (Room.Enter())
        {
            if (IsEnded || IsReady) return;
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ready = _ready.Task;
        }

        try
        {
            await ready.WaitAsync(ReadyPatience, Room.Services.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // The offer is answered with what is there.
        }
    }

    /// <summary>A publisher negotiated other formats: what does not fit any more waits for the next offer, on the same section.</summary>
    internal void OnFormatsChanged(PublishedTrack track)
    {
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Received?.Id != track.Info.Id) continue;
            if (section.Consumer is { } sent)
            {
                if (SectionPlanner.Fits(sent.Selection, section.Offer, track, Room.Services.Capabilities)) continue;
                Room.Drop(sent, isGone: false);
            }

            section.Consumer = null;
            section.ReceiveRefusal = null;
            section.NeedsOffer = true;
        }

        ScheduleNegotiate();
    }

    /// <summary>The producer behind a consumer is gone, and the consumer with it.</summary>
    internal void OnConsumerEnded(SentTrack sent)
    {
        Room.Drop(sent, isGone: true);
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Consumer == sent) Release(section, isGone: true);
        }
    }

    /// <summary>Its own track is gone: the section that sent it is kept, empty.</summary>
    internal void OnTrackEnded(PublishedTrack track)
    {
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Published == track) section.Published = null;
        }
    }

    /// <summary>What is really sent of a track; news of a consumer that was dropped meanwhile do not count.</summary>
    internal void OnLayers(SentTrack sent, ConsumerLayerChanged changed)
    {
        if (!sent.Track.Consumers.Contains(sent)) return;
        sent.Layers = changed;
        TellLayers(sent, changed);
    }

    /// <summary>Who speaks.</summary>
    internal void OnSpeakers(ParticipantId? dominant, IReadOnlyList<Speaker> speakers) =>
        Tell(sink => sink.OnSpeakers(dominant, speakers), isReplaceable: true);

    /// <summary>How good the connections are; hidden participants see their own, the others do not.</summary>
    internal void OnQuality(IReadOnlyList<ParticipantQuality> all)
    {
        IReadOnlyList<ParticipantQuality> visible =
            [.. all.Where(one => one.Participant == Participant || Room.Find(one.Participant) is { IsHidden: false })];
        if (visible.Count > 0) Tell(sink => sink.OnQuality(visible), isReplaceable: true);
    }

    /// <summary>Active tracks whose media comes in here and which no section carries, oldest first.</summary>
    internal IEnumerable<Subscription> Waiting() =>
        Subscriptions.All.Where(s => s.IsActive && s.Section is null && Room.Find(s.Id) is not null);

    private void Note(Track track)
    {
        if (!_self.Rights.Subscribe || track.Participant == Participant) return;
        if (!_participants.TryGetValue(track.Participant, out Participant? owner) || owner.Rights.Hidden) return;
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
        _participants.Remove(participant);
        foreach (Subscription left in Subscriptions.All.Where(s => s.Participant == participant).ToArray()) Forget(left.Id);
    }

    /// <summary>Follows a change of what is wanted or there.</summary>
    private void Reconsider()
    {
        if (_ready is not null && IsReady) _ready.TrySetResult();
        ScheduleNegotiate();
    }

    private void ScheduleNegotiate()
    {
        if (_isTimerArmed || !MayNegotiate || !(Waiting().Any() || NeedsOffer())) return;
        _isTimerArmed = true;
        _timer.Change(NegotiateDelay, Timeout.InfiniteTimeSpan);
    }

    // After the transport ended the client comes with a new connection: what waits is served by its first offer, or asked for after it.
    private bool MayNegotiate => !IsEnded && !HasOpenOffer && _closedReason is null;

    private bool IsReady => Subscriptions.All.All(s => !s.IsActive || Room.Find(s.Id) is not null);

    private bool NeedsOffer() => Transport?.Sections.Any(section => section.NeedsOffer) ?? false;

    private void OnTimer()
    {
        using RoomTurn turn = Room.Enter();
        _isTimerArmed = false;
        if (!MayNegotiate) return;
        Span<int> waiting = stackalloc int[2];
        Span<int> idle = stackalloc int[2];
        bool isRequested = false;
        foreach (Subscription subscription in Waiting())
        {
            waiting[(int)subscription.Kind]++;
            isRequested |= subscription.IsRequested;
        }

        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.IsIdle) idle[(int)section.Kind]++;
        }

        if (_need.Ask(waiting, idle, NeedsOffer()) is not { } ask) return;
        string reason = isRequested ? "subscribe" : "tracks";
        Tell(sink => sink.OnNegotiate(ask.Audio, ask.Video, reason));
    }

    private void TellLayers(SentTrack sent, ConsumerLayerChanged layers)
    {
        TrackId track = sent.Track.Info.Id;
        string reason = WireNames.Of(layers.Reason);
        Tell(sink => sink.OnLayers(track, layers.Rid, layers.TemporalLayer, layers.Paused, reason));
    }

    private void Tell(Action<IMediaSessionSink> notification, bool isReplaceable = false)
    {
        _sink.Add(notification, isReplaceable);
        Room.Tell(this);
    }
}
