using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Sfu.Media.Buffers;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Media.Time;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Workers;
using Sfu.Recorder.Capture;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Tests.Nodes.Recording;

/// <summary>One life of a room's taps beside a <see cref="TapsModel"/>: each step does the same to both and compares.</summary>
internal sealed class RoomTapsRun : IDisposable
{
    /// <summary>Kinds of steps; what is beyond the named ones are packets.</summary>
    public const int Operations = 28;

    private const int MaxLagMilliseconds = 15;
    private static readonly string[] Identities = ["ann", "bob", "cid"];
    private static readonly ParticipantRecordingState[] States =
    [
        ParticipantRecordingState.On, ParticipantRecordingState.On, ParticipantRecordingState.Paused, ParticipantRecordingState.ConsentPending,
        ParticipantRecordingState.Refused, ParticipantRecordingState.Exempt,
    ];

    private static readonly NodeMetrics Metrics = new(Prometheus.Metrics.WithCustomRegistry(Prometheus.Metrics.NewCustomRegistry()));

    private readonly FakeTrackRecorder _recorder = new();
    private readonly FakeWorker _worker = new(0);
    private readonly RoomTaps _taps;
    private readonly TapsModel _model = new();
    private readonly RoomPlacement _placement;
    private readonly List<(PublishedTrack Track, MediaTime Last, ushort Number)> _tracks = [];
    private readonly List<(ParticipantId Id, string Identity)> _everybody = [];
    private readonly HashSet<ParticipantId> _left = [];
    private int _published;

    public RoomTapsRun()
    {
        SynchronizationContext.SetSynchronizationContext(null);    // answers are taken on this thread
        _taps = new RoomTaps(_recorder, NullLogger.Instance);
        _placement = new RoomPlacement(new WorkerPort(_worker, Metrics, TimeProvider.System), new RoomId(1));
    }

    public void Dispose()
    {
        _placement.Port.Dispose();
        _worker.Dispose();
    }

    /// <summary>Does one step.</summary>
    public void Step(int operation, int a, int b)
    {
        switch (operation)
        {
            case 0 or 1: Join(Identities[a % 3], States[b % 3]); break;
            case 2: Leave(a, b); break;
            case 3: Rejoin(a, b); break;
            case 4 or 5: SetState(a, States[b % States.Length]); break;
            case 6: PauseRoom(); break;
            case 7: ResumeRoom(); break;
            case 8: PauseParticipant(a); break;
            case 9: Resume(a); break;
            case 10: SetPolicy((RecordingPolicy)(a % 3)); break;
            case 11 or 12: Publish(a, b); break;
            case 13: Unpublish(a); break;
            case 14 when a % 3 == 0 || _model.Live is null: Begin((RecordingPolicy)(a % 3), b % 4 == 0 ? ConsentMode.First : ConsentMode.None, b % 3 == 0); break;
            case 15 when a % 3 == 0: End(); break;
            case 16 or 17: Answer(a); break;
            case 18: Pass(1 + a % 200); break;
            case 19: Pass(1 + a % 25); break;
            case 20: Say(a); break;
            default: Receive(a, b % (MaxLagMilliseconds + 1)); break;
        }

        CheckTaps();
    }

    /// <summary>The recorder answers all that it owes; then the taps are those of the model.</summary>
    public void Settle()
    {
        while (_recorder.Waiting > 0) _recorder.Answer(0);
        foreach ((PublishedTrack track, _, _) in _tracks)
            Assert.Equal(_model.Live is not null && !_model.IsExempt(track.Info.Participant), _worker.Taps.ContainsKey(track.Producer));
        Assert.Empty(_worker.Stale);
    }

    public void Join(string identity, ParticipantRecordingState state = ParticipantRecordingState.On)
    {
        var id = new ParticipantId($"PA_{_everybody.Count}");
        _everybody.Add((id, identity));
        Tell(id, identity, state);
    }

    /// <summary>Somebody comes again, who is replaced by it or is here twice.</summary>
    public void Rejoin(int a = 0, int b = 0)
    {
        if (Pick(a) is not { } who) return;
        Leave(a, b);
        Join(who.Identity, States[b % 3]);
    }

    public void PauseParticipant(int a = 0)
    {
        if (_everybody.Count == 0) return;
        (ParticipantId id, string identity) = _everybody[a % _everybody.Count];
        _model.Pauses[id] = identity;
        _taps.Pause(new PauseOrder(id, PauseReason.Pci, "", default, identity));
        Note();
    }

    public void Resume(int a = 0)
    {
        if (_model.Pauses.Count == 0) return;
        ParticipantId id = _model.Pauses.Keys.ElementAt(a % _model.Pauses.Count);
        _model.Pauses.Remove(id);
        _taps.Resume(id);
        Note();
    }

    public void Publish(int a = 0, int b = 0)
    {
        // Now and then by one of whom nothing was told.
        ParticipantId owner = b % 10 == 9 || Pick(a) is not { } known ? new ParticipantId("PA_unknown") : known.Id;
        int number = ++_published;
        var producer = new ProducerId(number);
        var selection = new PublishSelection(MediaKind.Audio, "0", [], HeaderExtensionMap.Empty, []);
        var info = new Track { Id = new TrackId($"TR_{number}"), Participant = owner, Kind = MediaKind.Audio, Source = TrackSource.Microphone };
        var track = new PublishedTrack(info, null!, new TransportId(1), _placement, producer, selection);
        _worker.Producers.Add(producer, (track.Transport, PublishedTrack.Parameters(selection, info.Source)));
        if (_taps.LeaseOf(owner) is { } lease) _worker.Leases[producer] = lease;
        _tracks.Insert(0, (track, default, 0));
        _taps.OnPublished(track, _placement);
        Note();
    }

    public void Begin(RecordingPolicy policy = RecordingPolicy.BestEffort, ConsentMode consent = ConsentMode.None, bool keepsPauses = false)
    {
        (_model.Live, _model.Policy, _model.Consent) = (Guid.NewGuid(), policy, consent);
        if (!keepsPauses) ClearPauses();
        List<PauseOrder> pauses = [.. _model.Pauses.Select(pause => new PauseOrder(pause.Key, PauseReason.Pci, "", default, pause.Value))];
        if (_model.IsRoomPaused) pauses.Add(new PauseOrder(null, PauseReason.Pci, "", default));
        _model.Restart();
        _taps.Begin(_model.Live.Value, policy, consent, [], pauses);
        Note();
    }

    public void Pass(int milliseconds) => _recorder.Now += TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>The worker comes to look at a packet that it received a little before.</summary>
    /// <returns>True when it was copied.</returns>
    public bool Receive(int track, int lag)
    {
        if (_tracks.Count == 0) return false;
        int at = track % _tracks.Count;
        (PublishedTrack published, MediaTime last, ushort number) = _tracks[at];
        if (!_worker.Taps.TryGetValue(published.Producer, out IPacketTap? tap)) return false;
        MediaTime receivedAt = MediaTime.Max(last, _recorder.Now - TimeSpan.FromMilliseconds(lag));
        _tracks[at] = (published, receivedAt, ++number);
        Span<byte> packet = stackalloc byte[13];
        packet[0] = 0x80;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], number);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], (uint)published.Producer.Value);
        Assert.True(tap.OnRtp(receivedAt, packet, false));

        bool isCopied = _recorder.TakeCopied();
        bool? isKept = _model.IsKept(published.Info.Participant, receivedAt);
        Assert.True(isKept is null || isKept == isCopied, $"a packet of {published.Info.Participant} is {(isCopied ? "" : "not ")}copied");
        return isCopied;
    }

    private void Say(int a)
    {
        if (_everybody.Count == 0) return;
        ParticipantId from = _everybody[a % _everybody.Count].Id;
        bool isJournalled = _taps.IsJournalled(from, _recorder.Now);
        bool? isKept = _model.Live is not null && !_model.IsExempt(from) ? _model.IsKept(from, _recorder.Now) : false;
        Assert.True(isKept is null || isKept == isJournalled, $"a message of {from} is {(isJournalled ? "" : "not ")}kept");
    }

    private void Leave(int a, int b)
    {
        if (Pick(a) is not { } who) return;
        // Its tracks end before it, as the room says; or a little later, as a session may.
        if (b % 3 > 0)
            foreach ((PublishedTrack track, _, _) in _tracks.Where(one => one.Track.Info.Participant == who.Id).ToArray()) Unpublish(track);
        _taps.Forget(who.Id);
        if (_tracks.Exists(one => one.Track.Info.Participant == who.Id)) _left.Add(who.Id);
        else _model.Forget(who.Id);
    }

    private void SetState(int a, ParticipantRecordingState state)
    {
        if (Pick(a) is { } who) Tell(who.Id, who.Identity, state);
    }

    private void Tell(ParticipantId id, string identity, ParticipantRecordingState state)
    {
        _model.Known[id] = (identity, state);
        _taps.SetParticipants([new RecordedParticipant(id, identity, "", state)]);
        Note();
    }

    public void PauseRoom()
    {
        _model.IsRoomPaused = true;
        _taps.Pause(new PauseOrder(null, PauseReason.Pci, "", default));
        Note();
    }

    private void ResumeRoom()
    {
        _model.IsRoomPaused = false;
        _taps.Resume(null);
        Note();
    }

    private void SetPolicy(RecordingPolicy policy)
    {
        _model.Policy = policy;
        _taps.SetPolicy(policy);
        Note();
    }

    private void Unpublish(int a)
    {
        if (_tracks.Count > 0) Unpublish(_tracks[a % _tracks.Count].Track);
    }

    private void Unpublish(PublishedTrack track)
    {
        ParticipantId owner = track.Info.Participant;
        _tracks.RemoveAll(one => one.Track == track);
        _taps.OnUnpublish(track.Info.Id);
        _worker.Producers.Remove(track.Producer);
        _worker.Leases.TryRemove(track.Producer, out _);
        Assert.DoesNotContain(track.Producer, _worker.Taps.Keys);
        bool isKnown = _model.Known.ContainsKey(owner) && !_left.Contains(owner);
        if (isKnown || _tracks.Exists(one => one.Track.Info.Participant == owner)) return;
        _left.Remove(owner);
        _model.Forget(owner);
    }

    private void End()
    {
        if (_model.Live is not { } live) return;
        _model.Live = null;
        ClearPauses();
        Assert.NotNull(_taps.EndAsync(live));
        Assert.Empty(_worker.Taps);
    }

    private void Answer(int a)
    {
        if (_recorder.Waiting > 0) _recorder.Answer(a);
    }

    private void ClearPauses()
    {
        _model.IsRoomPaused = false;
        _model.Pauses.Clear();
    }

    /// <summary>One who is there.</summary>
    private (ParticipantId Id, string Identity)? Pick(int a)
    {
        ParticipantId[] there = [.. _model.Known.Keys.Where(id => !_left.Contains(id))];
        return there.Length == 0 ? null : (there[a % there.Length], _model.Known[there[a % there.Length]].Identity);
    }

    private void Note() => _model.Note(_model.Known.Keys.Concat(_tracks.Select(one => one.Track.Info.Participant)).Distinct().ToArray(), _recorder.Now);

    /// <summary>No tap where none may be, and every track is forwarded under the lease that it must be.</summary>
    private void CheckTaps()
    {
        foreach ((PublishedTrack track, _, _) in _tracks)
        {
            ParticipantId owner = track.Info.Participant;
            if (_model.Live is null || _model.IsExempt(owner)) Assert.DoesNotContain(track.Producer, _worker.Taps.Keys);
            RecorderLease? lease = _worker.Leases.GetValueOrDefault(track.Producer);
            if (_model.Policy != RecordingPolicy.Required || _model.IsExempt(owner)) Assert.Null(lease);
            else Assert.Equal(_model.Now(owner) != TapGate.ConsentPending, lease == _recorder.Lease);
        }
    }
}
