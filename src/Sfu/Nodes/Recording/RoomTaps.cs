using Sfu.Media.Buffers;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Media.Time;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;
using Sfu.Signalling.Protocol;

namespace Sfu.Nodes.Recording;

/// <summary>What of one room is recorded on this node: the taps on its producers, their gates, and which tracks must be recorded to be forwarded.</summary>
/// <remarks>Has its own lock, taken inside of the room's gate or without it; inside, nothing waits and nothing else is locked but the workers' ports.</remarks>
internal sealed class RoomTaps(ITrackRecorder recorder, ILogger logger)
{
    private static readonly RecorderLease Never = new();

    /// <summary>How long before it holds a change of a gate is written to every tap: the workers then agree on it to the packet, although
    /// the threads that order and those that receive know nothing of each other.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(20);

    /// <summary>How long after its receipt a worker may look at a packet while gates change faster than orders are confirmed: as long as a change is
    /// younger, the next one keeps what was masked before it masked.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a worker may take to finish what it received before.</summary>
    private static readonly TimeSpan BarrierTimeout = TimeSpan.FromSeconds(1.5);

    private readonly Lock _gate = new();
    private readonly Dictionary<TrackId, TrackTap> _tracks = [];
    private readonly Dictionary<ParticipantId, RecordedParticipant> _participants = [];
    private readonly Dictionary<ParticipantId, GateSwitch> _gates = [];
    private readonly PauseMasks _pauses = new();
    private readonly HashSet<ParticipantId> _left = [];                     // gone, and a track of theirs is not yet
    private GateSwitch _server = GateSwitch.Always(TapGate.Open);
    private MediaTime _changesAt;
    private RecordingPolicy _policy;
    private ConsentMode _consent;

    /// <summary>The recording that runs; null when none does.</summary>
    internal Guid? Live { get; private set; }

    /// <summary>Health as the owner was told last.</summary>
    internal NodeRecordingHealth Told { get; set; } = new(NodeRecordingState.Active);

    /// <summary>Under which policy the room is recorded now.</summary>
    internal RecordingPolicy Policy
    {
        get
        {
            lock (_gate) return _policy;
        }
    }

    /// <summary>From when on the last change of any gate holds.</summary>
    internal MediaTime ChangesAt
    {
        get
        {
            lock (_gate) return _changesAt;
        }
    }

    /// <summary>True when nothing is known that would be missed.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_gate) return Live is null && _tracks.Count == 0 && _participants.Count == 0;
        }
    }

    /// <summary>The room's policy and consent, as somebody finds them who brings media. A running recording goes by its own order.</summary>
    internal void OnRoomOpened(RecordingPolicy policy, ConsentMode consent)
    {
        lock (_gate)
        {
            if (Live is not null) return;
            (_policy, _consent) = (policy, consent);
            Apply();
        }
    }

    /// <summary>Who takes part and whether it is recorded.</summary>
    /// <returns>Those that agreed or took it back with this, and from when on it holds.</returns>
    internal (IReadOnlyList<(ParticipantId Participant, bool Agrees)> Consents, MediaTime At) SetParticipants(IReadOnlyList<RecordedParticipant> participants)
    {
        lock (_gate)
        {
            (ParticipantId, bool)[] consents = [.. participants.Select(one => (one.Id, Agrees: AgreesNow(one))).Where(one => one.Agrees is not null).Select(one => (one.Id, one.Agrees!.Value))];
            foreach (RecordedParticipant one in participants) _participants[one.Id] = one;
            MediaTime at = Apply();
            foreach (TrackTap tap in _tracks.Values)
                if (participants.Any(one => one.Id == tap.Owner)) WriteDescription(tap);
            return (consents, at);
        }
    }

    /// <summary>The recording's policy became another.</summary>
    internal void SetPolicy(RecordingPolicy policy)
    {
        lock (_gate)
        {
            _policy = policy;
            Apply();
        }
    }

    /// <summary>A participant is called otherwise from now on.</summary>
    internal void Rename(ParticipantId participant, string name)
    {
        lock (_gate)
        {
            if (!_participants.TryGetValue(participant, out RecordedParticipant? known)) return;
            _participants[participant] = known with { Name = name };
            foreach (TrackTap tap in _tracks.Values)
                if (tap.Owner == participant) WriteDescription(tap);
        }
    }

    /// <summary>A participant left. A pause of it stays, for whoever comes with its identity; what is known of it does as long as it has a track.</summary>
    internal void Forget(ParticipantId participant)
    {
        lock (_gate)
        {
            if (HasTrack(participant)) _left.Add(participant);
            else Remove(participant);
        }
    }

    /// <summary>The lease under which a track that is about to be published may be forwarded; null when it need not be recorded.</summary>
    internal RecorderLease? LeaseOf(ParticipantId owner)
    {
        lock (_gate)
        {
            if (_policy != RecordingPolicy.Required || IsExempt(owner)) return null;
            return GateOf(owner) == TapGate.ConsentPending ? Never : recorder.Lease;
        }
    }

    /// <summary>The worker was told of a track's producer: it is tapped when the room is recorded. Not before: a tap for a producer that the
    /// worker does not know is ignored.</summary>
    internal void OnPublished(PublishedTrack track, RoomPlacement placement)
    {
        lock (_gate)
        {
            var tap = new TrackTap(track, placement);
            _tracks[track.Info.Id] = tap;
            Attach(tap);
            // What changed since the producer was made.
            if (_policy == RecordingPolicy.Required) placement.Post(new SetRecorderLease(tap.Producer, LeaseOf(tap.Owner)));
        }
    }

    /// <summary>Codecs, payload types or header extensions of a track changed.</summary>
    internal void OnRenegotiated(TrackId track)
    {
        lock (_gate)
        {
            if (!_tracks.TryGetValue(track, out TrackTap? tap)) return;
            WriteDescription(tap);
            Update(tap);
        }
    }

    /// <summary>A stream of a track began, and its simulcast encoding is known.</summary>
    internal void OnStream(TrackId track, Ssrc ssrc, string? rid)
    {
        lock (_gate)
        {
            if (_tracks.TryGetValue(track, out TrackTap? tap) && tap.TryLearn(ssrc.Value, rid)) Update(tap);
        }
    }

    /// <summary>A track's producer is about to be removed, or was with its transport.</summary>
    internal void OnUnpublish(TrackId track)
    {
        lock (_gate)
        {
            if (!_tracks.Remove(track, out TrackTap? tap)) return;
            Detach(tap, null);
            bool isKnown = _participants.ContainsKey(tap.Owner) && !_left.Contains(tap.Owner);
            if (!isKnown && !HasTrack(tap.Owner)) Remove(tap.Owner);
        }
    }

    /// <summary>A recording begins or goes on: every track is tapped from now on.</summary>
    internal void Begin(Guid recording, RecordingPolicy policy, ConsentMode consent, IReadOnlyList<RecordedParticipant> participants, IReadOnlyList<PauseOrder> pauses)
    {
        lock (_gate)
        {
            if (Live == recording) return;
            Live = recording;
            Told = new NodeRecordingHealth(NodeRecordingState.Active);
            (_policy, _consent) = (policy, consent);
            foreach (RecordedParticipant one in participants) _participants[one.Id] = one;
            _pauses.Clear();
            foreach (PauseOrder pause in pauses) _pauses.Add(pause);
            _gates.Clear();                                    // nothing was recorded that could go on until then
            _server = GateSwitch.Always(ServerGate);
            Apply();
        }
    }

    /// <summary>The recording ends: all taps are taken off.</summary>
    /// <returns>Ends when no tap of it is called any more.</returns>
    internal Task EndAsync(Guid recording)
    {
        lock (_gate)
        {
            if (Live != recording) return Task.CompletedTask;
            Live = null;
            _pauses.Clear();
            var waits = new List<Task>();
            foreach (TrackTap tap in _tracks.Values)
            {
                var detached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Detach(tap, detached)) waits.Add(detached.Task);
            }

            return Task.WhenAll(waits);
        }
    }

    /// <summary>SHA-256 of the text that a participant agreed to before it came, or null.</summary>
    internal string? ConsentTextOf(ParticipantId participant)
    {
        lock (_gate) return _participants.GetValueOrDefault(participant)?.ConsentText;
    }

    /// <summary>Masks the room, or an identity: everybody who has it, and who comes with it before the mask ends.</summary>
    /// <returns>From when on: packets received before are treated as before. What the order is answered with waits for <see cref="PassAsync"/>.</returns>
    internal MediaTime Pause(PauseOrder order)
    {
        lock (_gate)
        {
            _pauses.Add(order);
            return Apply();
        }
    }

    /// <summary>Ends a mask.</summary>
    /// <param name="participant">The <see cref="PauseOrder.Participant"/> of its order.</param>
    /// <returns>As of <see cref="Pause"/>.</returns>
    internal MediaTime Resume(ParticipantId? participant)
    {
        lock (_gate)
        {
            _pauses.Remove(participant);
            return Apply();
        }
    }

    /// <summary>Ends when a change holds and every worker of the room has finished with what it received before.</summary>
    /// <param name="at">When it holds.</param>
    /// <param name="time">Waits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TimeoutException">A worker does not answer: what it received before may still be recorded.</exception>
    internal async Task PassAsync(MediaTime at, TimeProvider time, CancellationToken cancellation)
    {
        for (MediaTime now = recorder.Now; now < at; now = recorder.Now) await Task.Delay(at - now, time, cancellation);
        await Task.WhenAll(Barriers()).WaitAsync(BarrierTimeout, time, cancellation);
    }

    /// <summary>True when what this participant says (null: the server) belongs into the journal.</summary>
    /// <param name="participant">Who says it.</param>
    /// <param name="now">When.</param>
    internal bool IsJournalled(ParticipantId? participant, MediaTime now)
    {
        lock (_gate)
        {
            if (Live is null) return false;
            if (participant is not { } one) return _server.For(now) == TapGate.Open;
            return !IsExempt(one) && (_gates.TryGetValue(one, out GateSwitch gate) ? gate.For(now) : GateOf(one)) == TapGate.Open;
        }
    }

    /// <summary>The number of a track in the running recording; null when it has none.</summary>
    internal uint? NumberOf(TrackId track)
    {
        lock (_gate) return _tracks.GetValueOrDefault(track)?.Tap?.Track;
    }

    /// <summary>Brings taps, gates and leases to what is known.</summary>
    /// <returns>When gates that changed do so. They are written before; should that take longer than it may, from when on all are.</returns>
    private MediaTime Apply()
    {
        MediaTime now = recorder.Now, at = now + Lead;
        _changesAt = at;
        _server = _server.To(ServerGate, at, now - Late);
        foreach (ParticipantId participant in _participants.Keys) Turn(participant, at, now);
        foreach (TrackTap tap in _tracks.Values)
        {
            if (tap.Recording is null) continue;
            GateSwitch gate = Turn(tap.Owner, at, now);        // also for a tap that the recorder still makes, of one of whom nothing is known
            if (tap.Tap is not { } attached) continue;
            if (Live != attached.Recording || IsExempt(tap.Owner)) Detach(tap, null);
            else attached.Switch = gate;
        }

        foreach (TrackTap tap in _tracks.Values)
        {
            Attach(tap);
            tap.Placement.Post(new SetRecorderLease(tap.Producer, LeaseOf(tap.Owner)));
        }

        return at;
    }

    /// <summary>Whether a participant agrees or refuses with this state; null when that is no news.</summary>
    private bool? AgreesNow(RecordedParticipant now)
    {
        ParticipantRecordingState? before = _participants.GetValueOrDefault(now.Id)?.State;
        return now.State switch
        {
            ParticipantRecordingState.On or ParticipantRecordingState.Paused
                when before is ParticipantRecordingState.ConsentPending or ParticipantRecordingState.Refused || before is null && _consent == ConsentMode.First => true,
            ParticipantRecordingState.Refused when before is not null and not ParticipantRecordingState.Refused => false,
            _ => null,
        };
    }

    /// <summary>The gate of a participant, with the change that is due.</summary>
    private GateSwitch Turn(ParticipantId participant, MediaTime at, MediaTime now)
    {
        TapGate next = GateOf(participant);
        GateSwitch gate = _gates.TryGetValue(participant, out GateSwitch known) ? known.To(next, at, now - Late) : GateSwitch.Always(next);
        _gates[participant] = gate;
        return gate;
    }

    private List<Task> Barriers()
    {
        lock (_gate)
        {
            var passed = new List<Task>();
            foreach (RoomPlacement placement in _tracks.Values.Select(tap => tap.Placement).Where(placement => placement.Port.IsAlive).DistinctBy(placement => placement.Port))
            {
                var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                placement.Post(new PassBarrier(() => barrier.TrySetResult()));
                passed.Add(barrier.Task);
            }

            return passed;
        }
    }

    private TapGate ServerGate => _pauses.IsRoom ? TapGate.Paused : TapGate.Open;

    private bool HasTrack(ParticipantId participant) => _tracks.Values.Any(tap => tap.Owner == participant);

    private void Remove(ParticipantId participant)
    {
        _left.Remove(participant);
        _participants.Remove(participant);
        _gates.Remove(participant);
    }

    private bool IsExempt(ParticipantId participant) =>
        _participants.GetValueOrDefault(participant)?.State == ParticipantRecordingState.Exempt;

    /// <summary>Pauses are ordered by the recording's owner alone: what the room says of them comes later, and would make a pause longer than declared.</summary>
    private TapGate GateOf(ParticipantId participant) => (_participants.GetValueOrDefault(participant)?.State) switch
    {
        ParticipantRecordingState.ConsentPending or ParticipantRecordingState.Refused => TapGate.ConsentPending,
        null when _consent == ConsentMode.First => TapGate.ConsentPending,
        _ => _pauses.Covers(participant, _participants.GetValueOrDefault(participant)?.Identity) ? TapGate.Paused : TapGate.Open,
    };

    private void Attach(TrackTap tap)
    {
        if (Live is not { } recording || tap.Recording == recording || IsExempt(tap.Owner) || !recorder.IsStarted) return;
        tap.Recording = recording;
        MediaTime now = recorder.Now;
        _ = AttachAsync(tap, recording, Describe(tap), Turn(tap.Owner, now, now).After);
    }

    private async Task AttachAsync(TrackTap tap, Guid recording, TrackInfo added, TapGate gate)
    {
        try
        {
            RecordingTap made = await recorder.AddAsync(recording, added, tap.Placement.Port, gate);
            lock (_gate)
            {
                WriteDescription(tap, made);
                added = Describe(tap) with { No = made.Track };
            }

            // When the recorder answers, it has written the description too: it stands before the first packet.
            await recorder.UpdateAsync(recording, added);
            lock (_gate)
            {
                // It may have become exempt meanwhile; should it be so no more later, the next change asks for a tap again.
                if (tap.Recording == recording && IsExempt(tap.Owner)) tap.Recording = null;
                if (tap.Recording == recording)
                {
                    MediaTime now = recorder.Now;
                    made.Switch = Turn(tap.Owner, now, now);
                    tap.Tap = made;
                    WriteDescription(tap, made);               // what changed meanwhile
                    if (!Describe(tap).Streams.SequenceEqual(added.Streams)) Update(tap);
                    tap.Placement.Post(new AddTap(tap.Producer, made));
                    return;
                }
            }

            await recorder.CloseAsync(made);                   // it ended while the recorder made it
        }
        catch (Exception e) when (e is KeyNotFoundException or RecorderBusyException)
        {
            // Under "required" the track stays held, since it has no tap; the next change asks again.
            logger.TrackNotAttached(e, recording);
            lock (_gate)
            {
                if (tap.Recording == recording && tap.Tap is null) tap.Recording = null;
            }
        }
    }

    /// <returns>False when there is no tap to wait for.</returns>
    private bool Detach(TrackTap tap, TaskCompletionSource? detached)
    {
        tap.Recording = null;
        if (tap.Tap is not { } attached) return false;
        tap.Tap = null;
        tap.Described = null;
        tap.Placement.Post(new RemoveTap(tap.Producer, attached, () => _ = CloseAsync(attached, detached)));
        return true;
    }

    private async Task CloseAsync(RecordingTap tap, TaskCompletionSource? detached)
    {
        await Task.Yield();                                    // the worker's thread waits for nobody
        try
        {
            await recorder.CloseAsync(tap);
        }
        catch (RecorderBusyException e)
        {
            logger.TrackNotAttached(e, tap.Recording);         // the recorder closes it with the recording
        }
        finally
        {
            detached?.TrySetResult();
        }
    }

    /// <summary>Tells the recorder what is known of a tapped track: what manifests say of it.</summary>
    private void Update(TrackTap tap)
    {
        if (tap.Tap is { } attached) _ = UpdateAsync(attached.Recording, Describe(tap) with { No = attached.Track });
    }

    private async Task UpdateAsync(Guid recording, TrackInfo track)
    {
        try
        {
            await recorder.UpdateAsync(recording, track);
        }
        catch (Exception e) when (e is KeyNotFoundException or RecorderBusyException)
        {
            logger.TrackNotUpdated(e, track.No, recording);    // what a stream is can be read from its packets too
        }
    }

    /// <summary>Writes into the journal what derivations need to know of a tapped track, when it is news.</summary>
    private void WriteDescription(TrackTap tap)
    {
        if (tap.Tap is { } attached) WriteDescription(tap, attached);
    }

    private void WriteDescription(TrackTap tap, RecordingTap attached)
    {
        byte[] described = TrackDescription.Of(attached.Track, tap.Track, _participants.GetValueOrDefault(tap.Owner)).ToJson();
        if (tap.Described is { } known && known.AsSpan().SequenceEqual(described)) return;
        if (recorder.TryWriteEvent(attached.Recording, described)) tap.Described = described;
    }

    private TrackInfo Describe(TrackTap tap)
    {
        PublishSelection selection = tap.Track.Selection;
        IEnumerable<TrackSsrc> declared = selection.Encodings.Where(encoding => encoding.Ssrc is not null)
            .Select(encoding => new TrackSsrc(encoding.Ssrc!.Value.Value, encoding.Rid));
        return new TrackInfo(
            0, tap.Owner.Value, _participants.GetValueOrDefault(tap.Owner)?.Identity ?? "",
            ProtocolNames.Of(tap.Track.Info.Kind), ProtocolNames.Of(tap.Track.Info.Source),
            [.. selection.Codecs.Select(format =>
                new TrackFormat(format.PayloadType, CodecNames.NameOf(format.Codec).ToLowerInvariant(), format.ClockRate, format.Parameters))],
            [.. declared.Where(stream => !tap.Streams.ContainsKey(stream.Ssrc)), .. tap.Streams.Select(stream => new TrackSsrc(stream.Key, stream.Value))]);
    }
}
