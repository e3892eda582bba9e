using Sfu.Media.Buffers;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Sessions;
using Sfu.Nodes.Workers;
using Sfu.Rooms;
using Sfu.Router.Pipes;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>One room on this node: its sessions, the tracks that come in here, the workers that carry it.</summary>
/// <remarks>Everything in it, its sessions included, is guarded by <see cref="Gate"/>, held for the length of a <see cref="RoomTurn"/>:
/// no I/O, no await, no foreign code runs inside.</remarks>
internal sealed class MediaRoom(RoomKey key, NodeServices services, Action<MediaRoom> onClosed)
{
    private readonly Dictionary<ParticipantId, MediaSession> _sessions = [];
    private readonly Dictionary<TransportId, MediaSession> _transports = [];
    private readonly Dictionary<TrackId, PublishedTrack> _tracks = [];
    private readonly Dictionary<ProducerId, PublishedTrack> _producers = [];
    private readonly HashSet<MediaSession> _told = [];
    private readonly HashSet<MediaSession> _unfilled = [];
    private readonly EarlyNews _early = new();
    private readonly QualityBoard _quality = new();
    private readonly SpeakerBoard _speakers = new();
    private readonly RoomPlacements _placements = new(key, services);

    /// <summary>Guards the room.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Its name.</summary>
    internal RoomKey Key => key;

    /// <summary>What all rooms share.</summary>
    internal NodeServices Services => services;

    /// <summary>No session is left and the node has forgotten the room.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Live tracks that come in here.</summary>
    internal int TrackCount => _tracks.Count;

    /// <summary>Who is in the room, on whichever node.</summary>
    internal RoomPeople People { get; } = new();

    /// <summary>Everybody whose media this node carries.</summary>
    internal IReadOnlyCollection<MediaSession> Sessions => _sessions.Values;

    /// <summary>Enters the gate; the result must be disposed on the same thread.</summary>
    internal RoomTurn Enter() => new(this);

    /// <summary>The session has something to tell when the turn ends.</summary>
    internal void Tell(MediaSession session) => _told.Add(session);

    /// <summary>A player may have free sections and waiting tracks: they are brought together when the turn ends.</summary>
    internal void Fill(MediaSession player) => _unfilled.Add(player);

    /// <summary>Serves the players that <see cref="Fill"/> noted.</summary>
    internal void FillAll()
    {
        if (_unfilled.Count == 0) return;
        MediaSession[] players = [.. _unfilled];
        _unfilled.Clear();
        foreach (MediaSession player in players) player.Fill();
    }

    /// <summary>Takes what <see cref="Tell"/> noted.</summary>
    internal IReadOnlyList<MediaSession> TakeTold()
    {
        if (_told.Count == 0) return [];
        MediaSession[] told = [.. _told];
        _told.Clear();
        return told;
    }

    /// <summary>Adds a session; an older one of the same participant ends.</summary>
    internal void Add(MediaSession session)
    {
        MediaSession? old = Find(session.Participant);
        _sessions[session.Participant] = session;
        old?.End();
    }

    /// <summary>Removes an ended session; the room closes with the last one.</summary>
    internal void Remove(MediaSession session)
    {
        if (Find(session.Participant) == session) _sessions.Remove(session.Participant);
        if (_sessions.Count > 0 || IsClosed) return;
        IsClosed = true;
        onClosed(this);
    }

    /// <summary>The session of a participant, or null.</summary>
    internal MediaSession? Find(ParticipantId participant) => _sessions.GetValueOrDefault(participant);

    /// <summary>The session of a transport, or null when it is not (any more) here.</summary>
    internal MediaSession? Find(TransportId transport) => _transports.GetValueOrDefault(transport);

    /// <summary>A track whose media comes in here, or null.</summary>
    internal PublishedTrack? Find(TrackId track) => _tracks.GetValueOrDefault(track);

    /// <summary>A track by its producer, or null.</summary>
    internal PublishedTrack? Find(ProducerId producer) => _producers.GetValueOrDefault(producer);

    /// <summary>Workers that carry the room.</summary>
    internal int WorkerCount => _placements.Count;

    /// <summary>Numbers a transport on one of the room's workers, or on a new one; null when no worker lives.</summary>
    internal SessionTransport? NewTransport() =>
        _placements.Choose() is { } placement ? new SessionTransport(services.Ids.NextTransport(), placement) : null;

    /// <summary>Opens a transport that <see cref="NewTransport"/> made in the same turn.</summary>
    internal void Open(MediaSession session, SessionTransport transport, OpenTransport command)
    {
        _placements.Open(transport.Placement, this);
        _transports.Add(transport.Id, session);
        transport.Placement.Port.AddStreams(1);
        transport.Placement.Post(command);
    }

    /// <summary>Forgets a transport that ended or is told to; the room leaves a worker with the last one there.</summary>
    internal void Forget(SessionTransport transport)
    {
        if (!_transports.Remove(transport.Id)) return;
        transport.Placement.Port.AddStreams(-1);
        if (_placements.Close(transport.Placement)) _speakers.Forget(transport.Placement.Id);
    }

    /// <summary>True when a track ended between its publication and <see cref="Publish"/>.</summary>
    internal bool HasEndedEarly(TrackId track) => _early.HasEnded(track);

    /// <summary>Makes a producer and lets everybody know that its track can be received.</summary>
    internal void Publish(PublishedTrack track)
    {
        _tracks.Add(track.Info.Id, track);
        _producers.Add(track.Producer, track);
        RoomPlacement placement = track.Placement;
        placement.Port.AddStreams(1);
        RoomTaps? taps = services.Taps?.Of(key);
        RecorderLease? lease = taps?.LeaseOf(track.Info.Participant);
        placement.Post(new AddProducer(track.Transport, track.Producer, PublishedTrack.Parameters(track.Selection, track.Info.Source), lease));
        taps?.OnPublished(track, placement);
        if (_early.Muted(track.Info.Id) ?? track.Info.Muted) placement.Post(new SetProducerMuted(track.Producer, Muted: true));
        foreach (MediaSession session in _sessions.Values) session.OnTrackReady(track);
    }

    /// <summary>A section was negotiated again: the worker and the viewers follow.</summary>
    internal void Update(PublishedTrack track, PublishSelection selection)
    {
        bool isRemapped = !track.Selection.Codecs.SequenceEqual(selection.Codecs);
        track.Selection = selection;
        track.Placement.Post(new UpdateProducer(track.Producer, PublishedTrack.Parameters(selection, track.Info.Source)));
        services.Taps?.Find(key)?.OnRenegotiated(track.Info.Id);
        if (!isRemapped) return;
        foreach (MediaSession session in _sessions.Values) session.OnFormatsChanged(track);
    }

    /// <summary>A stream of a producer began: its simulcast encoding is known from here.</summary>
    internal void OnActive(ProducerActive active)
    {
        if (_producers.TryGetValue(active.Producer, out PublishedTrack? track)) services.Taps?.Find(key)?.OnStream(track.Info.Id, active.Ssrc, active.Rid);
    }

    /// <summary>Removes a producer and the consumers of it.</summary>
    /// <param name="track">The track.</param>
    /// <param name="isGone">The worker has removed it already, or will with its transport.</param>
    internal void Unpublish(PublishedTrack track, bool isGone)
    {
        if (!_tracks.Remove(track.Info.Id)) return;
        _producers.Remove(track.Producer);
        track.Placement.Port.AddStreams(-1);
        services.Taps?.Of(key).OnUnpublish(track.Info.Id);
        if (!isGone) track.Placement.Post(new RemoveProducer(track.Producer));
        foreach (SentTrack sent in track.Consumers.ToArray()) sent.Viewer.OnConsumerEnded(sent);
        track.Owner.OnTrackEnded(track);
    }

    /// <summary>Makes a consumer.</summary>
    internal void Send(SentTrack sent, SessionTransport transport)
    {
        sent.Track.Consumers.Add(sent);
        services.Consumers[sent.Id] = sent;
        RoomPlacement placement = transport.Placement;
        sent.Placement = placement;
        placement.Port.AddStreams(1);
        placement.Post(new AddConsumer(transport.Id, sent.Id, ProducerAt(placement, sent.Track), sent.Parameters));
    }

    /// <summary>Forgets a consumer.</summary>
    /// <param name="sent">The consumer.</param>
    /// <param name="isGone">The worker has removed it already, or will with its producer or transport.</param>
    internal void Drop(SentTrack sent, bool isGone)
    {
        if (!sent.Track.Consumers.Remove(sent)) return;
        services.Consumers.TryRemove(sent.Id, out _);
        RoomPlacement placement = sent.Placement!;
        placement.Port.AddStreams(-1);
        if (!isGone) placement.Post(new RemoveConsumer(sent.Id));
        LeavePipe(placement, sent.Track);
    }

    /// <summary>What a consumer on a worker is attached to: the track itself where it comes in, elsewhere what is piped there, from now on if need be.</summary>
    private ProducerId ProducerAt(RoomPlacement placement, PublishedTrack track)
    {
        if (placement == track.Placement) return track.Producer;
        if (!track.Pipes.TryGetValue(placement, out PipedTrack? piped))
        {
            RentedPipe pipe = services.Pipes.Rent(track.Placement.Port, placement.Port, services.Ids);
            piped = new PipedTrack(new PipeChannel(pipe.Pipe, track.Producer, services.Ids.NextProducer()), pipe);
            track.Pipes.Add(placement, piped);
            placement.Port.AddStreams(1);
            placement.Post(new AddPipedProducer(placement.Id, track.Transport, piped.Channel, PublishedTrack.Parameters(track.Selection, track.Info.Source)));
        }

        piped.Consumers++;
        return piped.Channel.Edge;
    }

    /// <summary>A consumer ended: with the last one on a worker, the track is piped there no longer.</summary>
    private void LeavePipe(RoomPlacement placement, PublishedTrack track)
    {
        if (!track.Pipes.TryGetValue(placement, out PipedTrack? piped) || --piped.Consumers > 0) return;
        track.Pipes.Remove(placement);
        placement.Port.AddStreams(-1);
        if (placement.Port.IsAlive) placement.Post(new RemoveProducer(piped.Channel.Edge));
        services.Pipes.Return(piped.Pipe);
    }

    /// <summary>A session waits for the room's answer: news about tracks that are not announced yet are kept.</summary>
    internal void BeginPublish() => _early.Begin();

    /// <summary>The session has the answer.</summary>
    internal void EndPublish() => _early.End();

    /// <summary>A track was muted or opened.</summary>
    internal void SetMuted(TrackId id, bool muted)
    {
        if (Find(id) is { } track) track.Placement.Post(new SetProducerMuted(track.Producer, muted));
        else if (!_early.TryNoteMuted(id, muted)) services.Metrics.Stale();
    }

    /// <summary>A track ended.</summary>
    internal void Remove(TrackId id)
    {
        bool isKnown = false;
        foreach (MediaSession session in _sessions.Values) isKnown |= session.ForgetOwn(id);
        if (Find(id) is { } track) Unpublish(track, isGone: false);
        else if (!isKnown && !_early.TryNoteEnded(id)) services.Metrics.Stale();
    }

    /// <summary>All transports on a worker are gone, by its end or because it takes no commands.</summary>
    internal void Fail(Func<RoomPlacement, bool> where)
    {
        foreach (MediaSession session in _sessions.Values)
            if (session.Transport is { } transport && where(transport.Placement)) session.OnTransportClosed(TransportCloseReason.Failed);
    }

    /// <summary>Ends all sessions.</summary>
    internal void EndAll()
    {
        foreach (MediaSession session in _sessions.Values.ToArray()) session.End();
    }

    /// <summary>Closes all transports without telling anybody.</summary>
    internal void CloseAll()
    {
        foreach (MediaSession session in _sessions.Values) session.CloseTransport();
    }

    /// <summary>Who speaks now.</summary>
    internal void OnSpeakers(ActiveSpeakersChanged news)
    {
        ActiveSpeakersChanged speakers = _speakers.Take(news);
        PublishedTrack? dominant = speakers.Dominant is { } producer ? Find(producer) : null;
        var known = new List<Speaker>(speakers.Speakers.Count);
        foreach (SpeakerLevel one in speakers.Speakers)
        {
            if (Find(one.Producer) is { Owner.IsHidden: false } track) known.Add(new Speaker(track.Info.Participant, track.Info.Id, one.Level));
        }

        ParticipantId? first = dominant is { Owner.IsHidden: false } ? dominant.Info.Participant : null;
        TellFollowers(sink => sink.OnSpeakers(first, known));
    }

    /// <summary>What a worker measured in the last second; every third second everybody is told.</summary>
    internal void OnSummary(RoomSummary summary)
    {
        for (int i = 0; i < summary.Transports.Count; i++)
        {
            TransportSummary one = summary.Transports[i];
            if (Find(one.Transport) is { IsConnected: true } session) _quality.Add(session.Participant, one);
        }

        if (summary.Room != _placements.Home?.Id || !_quality.EndSecond()) return;
        if (_sessions.Values.Any(session => session.FollowsRoom)) TellQuality();
        _quality.Clear();
    }

    /// <summary>Tells how good the connections are; hidden participants see their own, the others do not.</summary>
    private void TellQuality()
    {
        var visible = new List<ParticipantQuality>(_sessions.Count);
        foreach (MediaSession session in _sessions.Values)
            if (session is { WasConnected: true, IsHidden: false }) visible.Add(QualityOf(session));
        if (visible.Count > 0) TellFollowers(sink => sink.OnQuality(visible), hidden: false);
        foreach (MediaSession session in _sessions.Values)
        {
            if (session is not { IsHidden: true, FollowsRoom: true }) continue;
            List<ParticipantQuality> all = session.WasConnected ? [.. visible, QualityOf(session)] : visible;
            if (all.Count > 0) session.TellRoomNews(sink => sink.OnQuality(all));
        }
    }

    private ParticipantQuality QualityOf(MediaSession session) => _quality.Judge(session.Participant, session.IsConnected);

    /// <summary>One piece of news for all: a room of many has many of them a second.</summary>
    private void TellFollowers(Action<IMediaSessionSink> news, bool hidden = true)
    {
        foreach (MediaSession session in _sessions.Values)
            if (session.FollowsRoom && (hidden || !session.IsHidden)) session.TellRoomNews(news);
    }
}
