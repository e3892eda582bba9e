using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Sfu.Media.Time;
using Sfu.Recorder;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Nodes.Recording;

/// <summary>The recorder of this process for the recordings' owners: opens and seals, tells rooms what to tap, and watches its health.</summary>
/// <remarks>Safe on any thread.</remarks>
internal sealed class RecordingNode(RecorderService recorder, TapDirectory taps, IRecordingNodeEvents events, ILogger<RecordingNode> logger, TimeProvider time)
    : BackgroundService, IRecordingNode
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleWatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DetachTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, (RoomKey Room, string Folder, long Epoch, DateTimeOffset StartedAt)> _known = new();
    private readonly PeriodicTimer _watch = new(IdleWatchInterval, time);
    private RecordingCause? _toldUnavailable;

    /// <inheritdoc/>
    public RecordingCause? Unavailable => recorder.Unavailable ?? (recorder.IsFull ? RecordingCause.DiskFull : null);

    /// <inheritdoc/>
    public async Task<NodeRecordingStart> StartAsync(RecordingOrder order, CancellationToken cancellation)
    {
        (Guid id, RoomKey room, long epoch) = (order.Fence.Recording, order.Fence.Room, order.Fence.Epoch);
        if (!TryPass(order.Fence)) return NodeRecordingStart.No(RecordingCause.Internal);
        // One that is open goes on with the room that is left; a new one would take it away from those.
        bool goesOn = order.Continues || _known.ContainsKey(id) || recorder.Node?.Recovered.Any(one => one.Info.Id == id) == true;
        if (!goesOn && recorder.IsFull) return NodeRecordingStart.No(RecordingCause.DiskFull);
        if (recorder.TryStart() is not { } node || recorder.Unavailable is not null) return NodeRecordingStart.No(recorder.Unavailable ?? RecordingCause.RecorderDown);
        RecoveredInfo? recovered = node.Recovered.FirstOrDefault(one => one.Info.Id == id && !one.IsEnded);
        EvidenceFolder folder = EvidenceFolder.Of(recorder.Recordings, room.Tenant, id, order.RequestedAt);
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset startedAt = recovered is null ? now : DateTimeOffset.UnixEpoch.AddMicroseconds(recovered.Info.StartedWallMicroseconds);
        if (recovered is null && !_known.ContainsKey(id))
        {
            if (folder.IsSealed) return NodeRecordingStart.No(RecordingCause.Internal);        // it has come to its end
            await node.OpenRecordingAsync(new RecordingInfo(
                id, room.Tenant, room.Room, NameOf(order.Policy), folder.Path, now.ToUnixTimeMilliseconds() * 1000, order.RoomId)).WaitAsync(cancellation);
        }

        _known.AddOrUpdate(id, (room, folder.Path, epoch, startedAt), (_, old) => old with { Epoch = epoch });
        Pace();
        taps.Of(room).Begin(id, order.Policy, order.Consent, order.Participants, order.Pauses);
        foreach (RecordedParticipant one in order.Participants) WritePresent(id, one, goesOn: recovered is not null);
        foreach (PauseOrder pause in order.Pauses) WritePaused(id, pause, recorder.Now);   // said again after a crash, which may have come before it was written
        NodeInterruption? gap = recovered is null ? null : new(DateTimeOffset.UnixEpoch.AddMicroseconds(recovered.LastWallMicroseconds), now);
        return NodeRecordingStart.Of(new NodeRecordingStarted(_known[id].StartedAt, folder.Path, gap));
    }

    /// <inheritdoc/>
    public async Task PauseAsync(RecordingFence recording, PauseOrder order, CancellationToken cancellation)
    {
        if (!TryPass(recording)) return;
        RoomTaps of = taps.Of(recording.Room);
        MediaTime at = of.Pause(order);
        WritePaused(recording.Recording, order, at);
        await of.PassAsync(at, time, cancellation);
    }

    /// <inheritdoc/>
    public async Task ResumeAsync(RecordingFence recording, ParticipantId? participant, CancellationToken cancellation)
    {
        if (!TryPass(recording)) return;
        RoomTaps of = taps.Of(recording.Room);
        MediaTime at = of.Resume(participant);
        Write(recording.Recording, new { @event = "resumed", scope = participant?.Value ?? "room" }, at);
        await of.PassAsync(at, time, cancellation);
    }

    /// <inheritdoc/>
    public Task SetPolicyAsync(RecordingFence recording, RecordingPolicy policy, CancellationToken cancellation)
    {
        if (TryPass(recording)) taps.Find(recording.Room)?.SetPolicy(policy);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<NodeRecordingStopped?> StopAsync(RecordingFence recording, RecordingEndReason reason, CancellationToken cancellation)
    {
        Guid id = recording.Recording;
        if (!TryPass(recording) || recorder.TryStart() is not { } node) return null;
        await DetachAsync(recording.Room, id);
        try
        {
            ClosedRecording closed = await node.StopAsync(id, NameOf(reason), cancellation);
            _known.TryRemove(id, out _);
            return Facts(new EvidenceFolder(closed.Info.Folder));
        }
        catch (KeyNotFoundException)
        {
            // Sealed before, by this process or by recovery: the answer got lost.
            return _known.TryRemove(id, out (RoomKey Room, string Folder, long Epoch, DateTimeOffset StartedAt) known) && new EvidenceFolder(known.Folder).IsSealed
                ? Facts(new EvidenceFolder(known.Folder))
                : FindSealed(recording);
        }
    }

    /// <inheritdoc/>
    public NodeRecordingHealth HealthOf(Guid recording) => !_known.TryGetValue(recording, out (RoomKey Room, string Folder, long Epoch, DateTimeOffset StartedAt) known)
        || taps.Find(known.Room) is not { } of || of.Live != recording
            ? new NodeRecordingHealth(NodeRecordingState.Unknown)
            : Health(of);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenRecording>> RecoverAsync(CancellationToken cancellation)
    {
        IReadOnlyList<OpenRecording> open = recorder.TryResume() is not { } node ? [] :
            [.. node.Recovered.Where(one => !one.IsEnded).Select(one => new OpenRecording(one.Info.Id, new RoomKey(one.Info.Tenant, one.Info.Room)))];
        return Task.FromResult(open);
    }

    /// <inheritdoc/>
    public void SetParticipants(RoomFence room, IReadOnlyList<RecordedParticipant> participants)
    {
        RoomTaps of = taps.Of(room.Room);
        (IReadOnlyList<(ParticipantId Participant, bool Agrees)> consents, MediaTime at) = of.SetParticipants(participants);
        if (of.Live is not { } recording) return;
        foreach ((ParticipantId participant, bool agrees) in consents)
        {
            Write(recording, new { @event = agrees ? "consent" : "consent_refused", participant = participant.Value, text = agrees ? of.ConsentTextOf(participant) : null }, at);
            if (agrees) WritePresent(recording, participants.First(one => one.Id == participant), goesOn: false);
        }
    }

    /// <inheritdoc/>
    public Task SettleAsync(RoomKey room, CancellationToken cancellation) =>
        taps.Find(room) is { Live: not null } of ? of.PassAsync(of.ChangesAt, time, cancellation) : Task.CompletedTask;

    /// <inheritdoc/>
    public void OnRoomEvent(RoomFence room, LoggedEvent entry)
    {
        if (taps.Find(room.Room) is not { } of) return;
        if (of.Live is { } recording) Write(of, recording, entry);
        if (entry.Event is MetadataChanged { Participant: { } renamed, Name: { } name }) of.Rename(renamed, name);
        if (entry.Event is ParticipantLeft left) of.Forget(left.Participant);
        if (entry.Event is ParticipantLeft or RoomClosed) taps.Forget(room.Room);
    }

    private void Write(RoomTaps of, Guid recording, LoggedEvent entry)
    {
        recorder.Node?.TryWrite(recording, RecordType.Event, RoomJson.WriteEntry(entry));
        if (entry.Event is TrackMuted muted && of.NumberOf(muted.Track) is { } track)
            Write(recording, new { @event = muted.Muted ? "sender_muted" : "sender_unmuted", track });
    }

    /// <inheritdoc/>
    public void OnData(RoomKey room, ParticipantId? from, ReadOnlyMemory<byte> frame)
    {
        MediaTime now = recorder.Now;
        if (taps.Find(room) is { Live: { } recording } of && of.IsJournalled(from, now) && frame.Length <= JournalRecord.MaxPayload)
            recorder.Node?.TryWrite(recording, RecordType.DataMessage, frame, now);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _watch.Dispose();
        base.Dispose();
    }

    /// <summary>Looks after the recorder: tells owners when it falls behind or is well again, and starts it when its disk is back.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long startedAt = time.GetTimestamp();
        while (await _watch.WaitForNextTickAsync(stoppingToken))
        {
            Pace();
            if (recorder.Node is null && recorder.Unavailable is not null && !recorder.IsClosed && time.GetElapsedTime(startedAt) >= RestartInterval)
            {
                startedAt = time.GetTimestamp();
                recorder.TryStart();
            }

            Tell();
        }
    }

    /// <summary>Nobody waits for news of recordings while there are none.</summary>
    private void Pace()
    {
        TimeSpan interval = _known.IsEmpty ? IdleWatchInterval : WatchInterval;
        if (_watch.Period != interval) _watch.Period = interval;
    }

    private void Tell()
    {
        if (recorder.Unavailable != _toldUnavailable)
        {
            _toldUnavailable = recorder.Unavailable;
            events.RecorderChanged(_toldUnavailable);
        }

        foreach ((Guid id, (RoomKey room, _, _, _)) in _known)
        {
            if (taps.Find(room) is not { } of || of.Live != id || Health(of) is not { } health || of.Told == health) continue;
            of.Told = health;
            logger.RecordingHealth(id, health.State.ToString(), health.Cause?.ToString() ?? "well");
            events.Changed(room, id, health);
        }
    }

    /// <summary>On a disk that is closed a recording that need not be is given up, so that it is sealed with the room that is left. One that must
    /// be waits: its media is held, and its owner ends the call when that lasts.</summary>
    private NodeRecordingHealth Health(RoomTaps of)
    {
        if (recorder.Unavailable is not { } cause) return new NodeRecordingHealth(NodeRecordingState.Active);
        bool isGivenUp = cause == RecordingCause.DiskFull && recorder.IsClosed && of.Policy != RecordingPolicy.Required;
        return new NodeRecordingHealth(isGivenUp ? NodeRecordingState.Failed : NodeRecordingState.Suspended, cause);
    }

    private async Task DetachAsync(RoomKey room, Guid recording)
    {
        try
        {
            if (taps.Find(room) is { } of) await of.EndAsync(recording).WaitAsync(DetachTimeout, time);
        }
        catch (TimeoutException)
        {
            // A worker that hangs: what its taps still bring is dropped by the recorder.
        }

        taps.Forget(room);
    }

    private bool TryPass(RecordingFence fence)
    {
        if (!_known.TryGetValue(fence.Recording, out (RoomKey Room, string Folder, long Epoch, DateTimeOffset StartedAt) known)) return true;
        if (fence.Epoch < known.Epoch) return false;
        _known.TryUpdate(fence.Recording, known with { Epoch = fence.Epoch }, known);
        return true;
    }

    /// <summary>Says that a participant is there of whose coming the journal has no event. Who does not agree, is hidden or exempt, is not named.</summary>
    private void WritePresent(Guid recording, RecordedParticipant one, bool goesOn)
    {
        if (one.State is not (ParticipantRecordingState.On or ParticipantRecordingState.Paused) || !one.IsVisible && !goesOn) return;
        recorder.Node?.TryWrite(recording, RecordType.Event,
            new PresenceEvent(PresenceEvent.EventName, one.Id.Value, one.IsVisible ? one.Identity : null, one.IsVisible ? one.Name : null).ToJson());
    }

    private void WritePaused(Guid recording, PauseOrder order, MediaTime at) => Write(
        recording, new { @event = "paused", scope = order.Participant?.Value ?? "room", identity = order.Identity, reason = NameOf(order.Reason), text = order.Text }, at);

    private void Write(Guid recording, object value, MediaTime? at = null) =>
        recorder.Node?.TryWrite(recording, RecordType.Event, JsonSerializer.SerializeToUtf8Bytes(value, value.GetType()), at);

    /// <summary>A recording of which only the folder is left: its day is near the time in its id (RFC 9562 section 5.7).</summary>
    private NodeRecordingStopped? FindSealed(RecordingFence recording)
    {
        DateTimeOffset made = DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(recording.Recording.ToString("N")[..12], 16));
        for (int day = -1; day <= 1; day++)
        {
            EvidenceFolder folder = EvidenceFolder.Of(recorder.Recordings, recording.Room.Tenant, recording.Recording, made.AddDays(day));
            if (folder.IsSealed) return Facts(folder);
        }

        return null;
    }

    private static NodeRecordingStopped Facts(EvidenceFolder folder)
    {
        byte[] json = File.ReadAllBytes(folder.SealedManifestPath);
        SealedManifest manifest = ManifestJson.ReadSealed(json);
        GapEntry[] losses = [.. manifest.Gaps.Where(gap => gap.Cause is "wire_loss" or "ice_disconnect" or "recorder_fault")];
        return new NodeRecordingStopped
        {
            StartedAt = Time(manifest.StartedUtc),
            EndedAt = Time(manifest.EndedUtc),
            Folder = folder.Path,
            ManifestHash = Convert.ToHexStringLower(SHA256.HashData(json)),
            IsPartial = manifest.Interruptions.Count > 0,
            Gaps = losses.Length,
            Missing = TimeSpan.FromMilliseconds(losses.Sum(gap => gap.Ms)),
            Score = manifest.Tracks.Count == 0 ? null : manifest.Quality.Score,
            Bytes = manifest.Segments.Sum(segment => new FileInfo(folder.ObjectPath(segment.Node, segment.No)).Length),
            Tracks = manifest.Tracks.Count,
        };
    }

    private static DateTimeOffset Time(string utc) => DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture);

    private static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
