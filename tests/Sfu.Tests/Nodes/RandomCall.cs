using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>A call of model clients that do at random what clients, hosts, networks and stores do.</summary>
internal sealed class RandomCall
{
    private const int MostClients = 5;
    private const int MostPlayers = 3;
    private const int MostSections = 24;
    private readonly Random _random;
    private readonly NodeFixture _node;
    private readonly List<TestClient> _clients = [];
    private readonly Dictionary<TestClient, string> _players = [];
    private readonly Dictionary<ParticipantId, HashSet<TrackId>> _switchedOn = [];
    private readonly Dictionary<ParticipantId, int> _followed = [];
    private readonly HashSet<(TransportId, uint)> _ssrcs = [];
    private readonly Dictionary<FakeWorker, int> _read = [];
    private int _names;

    /// <param name="seed">What happens.</param>
    /// <param name="spans">The room lies on both workers.</param>
    public RandomCall(int seed, bool spans)
    {
        _random = new Random(seed);
        _node = new NodeFixture(workers: 2, spanLoad: spans ? 0 : 1);
    }

    public List<string> Trace { get; } = [];

    public async Task StepAsync()
    {
        await DoAsync();
        CheckWorkers();
    }

    /// <summary>Lets everything come to rest: then everybody publishes and receives what it should.</summary>
    public async Task SettleAsync()
    {
        Trace.Add("settle");
        _node.Room.HoldsEvents = false;
        _node.Room.Deliver();
        for (int round = 0; round < 12; round++)
        {
            _node.Gather();
            foreach (TestClient client in _clients) await CatchUpAsync(client, mustOffer: round < 2);
        }

        CheckWorkers();
        foreach ((TestClient player, string identity) in _players) CheckPlayed((MediaSession)player.Session, identity);
        foreach (TestClient client in _clients)
        {
            Assert.Equal(client.Self.Tracks(_node.Room).Select(t => t.Id).Order(Ids), client.Published.Order(Ids));
            Assert.Equal(Expected(client).Order(Ids), client.Received.Order(Ids));
        }
    }

    private static Comparer<TrackId> Ids { get; } = Comparer<TrackId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private async Task DoAsync()
    {
        if (_clients.Count < 2 || (_clients.Count < MostClients && _random.Next(12) == 0))
        {
            Join();
            return;
        }

        TestClient client = _clients[_random.Next(_clients.Count)];
        switch (_random.Next(21))
        {
            case 0:
                Leave(client);
                break;
            case 1 or 2 or 3:
                await PublishAsync(client);
                break;
            case 4:
                await ChangeSectionAsync(client);
                break;
            case 5 or 6 or 7:
                await CatchUpAsync(client, mustOffer: true);
                break;
            case 8 or 9 or 10:
                Trace.Add("time");
                _node.Gather();
                break;
            case 11:
                Subscribe(client);
                break;
            case 12:
                ActAsHost();
                break;
            case 13:
                Cut(client);
                break;
            case 14:
                await ReconnectAsync(client);
                break;
            case 15:
                await RestartAsync(client);
                break;
            case 16:
                await FailAsync(client);
                break;
            case 17:
                HoldEvents();
                break;
            case 18:
                ToggleFull();
                break;
            case 19:
                await PlayAsync(client);
                break;
            default:
                Trace.Add($"{client.Id} replay");
                client.Session.Replay();
                break;
        }
    }

    private void Join()
    {
        bool isManual = _random.Next(3) == 0;
        TestClient client = _node.Join($"user{++_names}", isManual ? NodeFixture.Manual : NodeFixture.Auto);
        Trace.Add($"{client.Id} joins, manual {isManual}");
        if (isManual) _switchedOn[client.Id] = [];
        _followed[client.Id] = 0;
        _clients.Add(client);
    }

    /// <summary>A player of one participant: it offers once, and never again.</summary>
    private async Task PlayAsync(TestClient played)
    {
        if (_players.Count >= MostPlayers) return;
        var mode = new MediaSessionMode(SubscribesAutomatically: true, Only: played.Self.Identity, IsAllOrNothing: _random.Next(2) == 0);
        TestClient player = _node.Join($"player{++_names}", mode);
        player.Connection.Add("audio", SdpDirection.RecvOnly);
        player.Connection.Add("video", SdpDirection.RecvOnly, _random.Next(4) == 0 ? "H264" : "VP8");
        if (_random.Next(3) == 0) player.Connection.Add("video", SdpDirection.SendRecv);
        Task<MediaAnswer> offering = player.TryOfferAsync();
        if (!offering.IsCompleted) _node.Time.Advance(MediaSession.ReadyPatience);
        MediaAnswer answer = await offering;
        Trace.Add($"{player.Id} plays {played.Id}: {answer.Error}");
        if (answer.Error is null)
        {
            _players.Add(player, played.Self.Identity);
            return;
        }

        Assert.Contains(answer.Error.Code, (string[])["bad_state", "no_common_codec"]);
        _node.Room.Leave(player.Id);
        player.Session.Dispose();
    }

    private void CheckPlayed(MediaSession player, string identity)
    {
        Assert.Empty(_players.Keys.Single(client => client.Session == player).Sink.Negotiations);
        IReadOnlyList<SessionSection> sections = player.Transport!.Sections;
        foreach (SessionSection section in sections)
        {
            Assert.NotNull(section.Reserved);
            if (section.Consumer is not { } sent) continue;
            Assert.Equal(identity, _node.Room.Participants.Single(p => p.Id == sent.Track.Info.Participant).Identity);
            Assert.Equal(section.Reserved.Ssrc, sent.Ssrc);
        }

        Track[] played = [.. _node.Room.Participants.Where(p => p.Identity == identity).SelectMany(p => p.Tracks)];
        foreach (Track track in played.Where(track => sections.All(section => section.Received?.Id != track.Id)))
        {
            if (player.Room.Find(track.Id) is not { } live) continue;
            Assert.DoesNotContain(sections, section => section.Received is null && section.Kind == track.Kind && CodecNegotiator.TryConsume(
                section.Offer, live.Selection.Codecs, ServerCapabilities.Default, out _, out _));
        }
    }

    private void Leave(TestClient client)
    {
        Trace.Add($"{client.Id} leaves");
        _clients.Remove(client);
        if (_random.Next(2) == 0) client.Session.Dispose();
        _node.Room.Leave(client.Id);
        client.Session.Dispose();
    }

    private async Task PublishAsync(TestClient client)
    {
        if (client.Connection.Transceivers.Count >= MostSections) return;
        string kind = _random.Next(2) == 0 ? "audio" : "video";
        client.Connection.Add(kind, _random.Next(5) == 0 ? SdpDirection.SendRecv : SdpDirection.SendOnly);
        Trace.Add($"{client.Id} publishes {kind}");
        await OfferAsync(client);
    }

    private async Task ChangeSectionAsync(TestClient client)
    {
        ModelTransceiver[] live = [.. client.Connection.Transceivers.Where(t => !t.IsStopped)];
        if (live.Length < 2) return;
        ModelTransceiver chosen = live[_random.Next(live.Length)];
        if (_random.Next(3) == 0) chosen.IsStopped = true;
        else chosen.Direction = (SdpDirection)_random.Next(4);
        if (_random.Next(4) == 0) chosen.Codec = chosen.Codec == "VP8" ? "H264" : "VP8";
        Trace.Add($"{client.Id} section {chosen.Mid} {chosen.Direction} stopped {chosen.IsStopped}");
        await OfferAsync(client);
    }

    /// <summary>Does what the last negotiate message said, or comes back after the transport was closed.</summary>
    private async Task CatchUpAsync(TestClient client, bool mustOffer)
    {
        if (client.Sink.Media.Count > 0 && client.Sink.Media[^1] is not "connected")
        {
            await ReconnectAsync(client);
            return;
        }

        int audio = 0, video = 0;
        bool isAsked = client.Sink.Negotiations.Count > _followed[client.Id];
        foreach ((int Audio, int Video, string Reason) one in client.Sink.Negotiations.Skip(_followed[client.Id])) (audio, video) = (audio + one.Audio, video + one.Video);
        if (!isAsked && !mustOffer) return;
        _followed[client.Id] = client.Sink.Negotiations.Count;
        for (int i = 0; i < audio; i++) client.Connection.Add("audio", SdpDirection.RecvOnly);
        for (int i = 0; i < video; i++) client.Connection.Add("video", SdpDirection.RecvOnly);
        Trace.Add($"{client.Id} follows {audio} {video}");
        await OfferAsync(client);
    }

    private void Subscribe(TestClient client)
    {
        if (!_switchedOn.TryGetValue(client.Id, out HashSet<TrackId>? on)) return;
        Track[] others = [.. _node.Room.Tracks.Where(t => t.Participant != client.Id)];
        if (others.Length == 0) return;
        TrackId track = others[_random.Next(others.Length)].Id;
        bool switchOn = _random.Next(3) > 0;
        RoomError? error = client.Session.Subscribe([track], switchOn);
        Trace.Add($"{client.Id} subscribes {track} {switchOn} {error}");
        if (error is not null) Assert.Equal(RoomErrorCode.NotFound, error.Code);      // its event is still held back
        else if (switchOn) on.Add(track);
        else on.Remove(track);
        client.Session.SetLayers(track, new LayerWish(_random.Next(1000), 0));
    }

    private void ActAsHost()
    {
        Track[] all = [.. _node.Room.Tracks];
        if (all.Length == 0) return;
        Track track = all[_random.Next(all.Length)];
        bool isMute = _random.Next(2) == 0;
        Trace.Add($"room {(isMute ? "mutes" : "ends")} {track.Id}");
        if (isMute) _node.Room.Mute(track.Id, !track.Muted);
        else _node.Room.Unpublish(track.Id);
    }

    /// <summary>The network of a client dies: the worker closes its transport.</summary>
    private void Cut(TestClient client)
    {
        if (((MediaSession)client.Session).Transport is not { } transport) return;
        FakeWorker worker = _node.Workers[transport.Port.Index];
        if (worker.IsFull || _random.Next(2) == 0) return;
        Trace.Add($"{client.Id} is cut");
        worker.Close(transport.Id);
        _node.Report(new TransportClosed(transport.Room, transport.Id, TransportCloseReason.Timeout), worker.Index);
    }

    private async Task ReconnectAsync(TestClient client)
    {
        ModelTransceiver[] sending = [.. client.Connection.Transceivers.Where(t => !t.IsStopped && t.Direction == SdpDirection.SendOnly)];
        int receiving = client.Received.Count();
        client.Reconnect();
        foreach (ModelTransceiver old in sending) client.Connection.Add(old.Kind, SdpDirection.SendOnly, old.Codec);
        for (int i = 0; i < receiving; i++) client.Connection.Add(_random.Next(2) == 0 ? "audio" : "video", SdpDirection.RecvOnly);
        if (client.Connection.Transceivers.Count == 0) client.Connection.Add("audio", SdpDirection.RecvOnly);
        Trace.Add($"{client.Id} reconnects with {sending.Length} + {receiving}");
        await OfferAsync(client);
        client.Sink.Media.Clear();
    }

    private async Task RestartAsync(TestClient client)
    {
        Trace.Add($"{client.Id} restarts ICE");
        client.Connection.RestartIce();
        await OfferAsync(client);
    }

    private async Task FailAsync(TestClient client)
    {
        Trace.Add($"{client.Id} offers while the room is down");
        _node.Room.IsDown = true;
        await OfferAsync(client);
        _node.Room.IsDown = false;
    }

    private void HoldEvents()
    {
        _node.Room.HoldsEvents = !_node.Room.HoldsEvents;
        Trace.Add($"events held {_node.Room.HoldsEvents}");
        _node.Room.Deliver(_node.Room.HoldsEvents ? _random.Next(5) : int.MaxValue);
    }

    /// <summary>A mailbox is full for less than the patience: what waits goes out in order.</summary>
    private void ToggleFull()
    {
        FakeWorker worker = _node.Workers[_random.Next(2)];
        worker.IsFull = true;
        Trace.Add($"worker {worker.Index} was full");
        foreach (TestClient client in _clients) client.Session.Replay();
        TestClient other = _clients[_random.Next(_clients.Count)];
        _node.Room.Leave(other.Id);
        other.Session.Dispose();
        _clients.Remove(other);
        worker.IsFull = false;
        _node.Time.Advance(TimeSpan.FromMilliseconds(10));
    }

    private async Task OfferAsync(TestClient client)
    {
        if (client.Connection.Transceivers.Count == 0) client.Connection.Add("audio", SdpDirection.RecvOnly);
        bool isGone = client.Connection.Transceivers.All(t => t.IsStopped);
        MediaAnswer answer = await client.TryOfferAsync();
        if (answer.Error is not { } error) return;
        string[] expected = isGone ? ["bad_sdp", "internal"] : _node.Room.IsDown ? ["internal"] : [];
        Assert.True(expected.Contains(error.Code), error.ToString());
    }

    private IEnumerable<TrackId> Expected(TestClient client)
    {
        IEnumerable<TrackId> wanted = _node.Room.Tracks.Where(t => t.Participant != client.Id).Select(t => t.Id);
        if (_switchedOn.TryGetValue(client.Id, out HashSet<TrackId>? on)) wanted = wanted.Where(on.Contains);
        HashSet<TrackId> refused = [.. client.Sections.Values.Where(s => s is { Track: not null, Refused: not null }).Select(s => s.Track!.Value)];
        return wanted.Where(track => !refused.Contains(track));
    }

    private void CheckWorkers()
    {
        var transports = new HashSet<TransportId>();
        var producers = new HashSet<ProducerId>();
        var consumers = new HashSet<ConsumerId>();
        foreach (TestClient client in _clients.Concat(_players.Keys))
        {
            if (((MediaSession)client.Session).Transport is not { } transport) continue;
            transports.Add(transport.Id);
            var received = new HashSet<TrackId>();
            foreach (SessionSection section in transport.Sections)
            {
                if (section.Published is { } published) Assert.True(producers.Add(published.Producer));
                if (section.Received is { } subscription) Assert.True(received.Add(subscription.Id), $"{subscription.Id} is on two sections.");
                if (section.Received is { } known) Assert.Same(section, known.Section);
                if (section.Consumer is not { } sent) continue;
                Assert.NotEqual(client.Id, sent.Track.Info.Participant);
                Assert.Equal(section.Received!.Id, sent.Track.Info.Id);
                Assert.True(consumers.Add(sent.Id));
            }
        }

        Assert.Equal(transports.OrderBy(t => t.Value), _node.Workers.SelectMany(w => w.Transports.Keys).OrderBy(t => t.Value));
        Assert.Equal(producers.OrderBy(p => p.Value), _node.Workers.SelectMany(w => w.Producers.Keys).OrderBy(p => p.Value));
        Assert.Equal(consumers.OrderBy(c => c.Value), _node.Workers.SelectMany(w => w.Consumers.Keys).OrderBy(c => c.Value));
        foreach (FakeWorker worker in _node.Workers) CheckLog(worker);
        CheckPipes();
    }

    /// <summary>A track is piped to a worker exactly while somebody there is sent it who is not where it comes in, and once.</summary>
    private void CheckPipes()
    {
        var expected = new HashSet<(int Worker, ProducerId Origin)>();
        foreach (TestClient client in _clients.Concat(_players.Keys))
        {
            if (((MediaSession)client.Session).Transport is not { } transport) continue;
            foreach (SessionSection section in transport.Sections)
                if (section.Consumer is { } sent && sent.Track.Placement != transport.Placement) expected.Add((transport.Port.Index, sent.Track.Producer));
        }

        (int Worker, ProducerId Origin)[] piped =
            [.. _node.Workers.SelectMany(worker => worker.Piped.Values.Select(add => (worker.Index, add.Channel.Origin)))];
        Assert.Equal(expected.OrderBy(one => one.Origin.Value), piped.OrderBy(one => one.Origin.Value));
        Assert.Equal(piped.DistinctBy(one => one.Worker).Count(), _node.Services.Pipes.Count);
        HasPiped |= piped.Length > 0;
    }

    /// <summary>A track was on a worker that it does not come in on.</summary>
    public bool HasPiped { get; private set; }

    private void CheckLog(FakeWorker worker)
    {
        Assert.Empty(worker.Stale);
        int from = _read.GetValueOrDefault(worker);
        foreach (AddConsumer add in worker.Log.Skip(from).OfType<AddConsumer>())
        {
            if (add.Parameters.IsReserved) continue;       // a player's section keeps its own
            Assert.True(_ssrcs.Add((add.Transport, add.Parameters.Ssrc.Value)), "An SSRC was used again.");
            if (add.Parameters.RtxSsrc is { } rtx) Assert.True(_ssrcs.Add((add.Transport, rtx.Value)), "An SSRC was used again.");
        }

        _read[worker] = worker.Log.Count;
        foreach (ProducerId producer in worker.Producers.Keys)
            Assert.Equal(_node.Room.Tracks.Single(t => t.Id == TrackOf(producer)).Muted, worker.Muted.Contains(producer));
    }

    private TrackId TrackOf(ProducerId producer) => _clients
        .SelectMany(c => ((MediaSession)c.Session).Transport?.Sections ?? [])
        .Select(s => s.Published)
        .Single(p => p?.Producer == producer)!.Info.Id;
}

/// <summary>What the room says of a participant.</summary>
internal static class RoomLookups
{
    public static IReadOnlyList<Track> Tracks(this Participant participant, FakeRoom room) =>
        room.Participants.Single(p => p.Id == participant.Id).Tracks;
}
