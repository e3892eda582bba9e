using Sfu.Media.Rtp;
using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>The cluster's side of a room: one activation, its clock and its observers. <see cref="RoomKeeper"/> does the work.</summary>
/// <remarks>An open room stays active until it closes; a closed one ends when nobody asked for five minutes.</remarks>
[CollectionAgeLimit(Minutes = 5)]
internal sealed class RoomGrain(RoomServices services) : Grain, IRoomGrain
{
    private readonly ObserverSet _observers = new(services.Time);
    private RoomKeeper _keeper = null!;
    private IGrainTimer? _timer;
    private long _ticksAt;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!RoomKey.TryParse(this.GetPrimaryKeyString(), out RoomKey key))
            throw new ArgumentException($"'{this.GetPrimaryKeyString()}' is not a room key.");
        _keeper = new RoomKeeper(key, services, events => _observers.Tell(key, events));
        // Without the room's epoch in the store this would be a second writer.
        if (await _keeper.OpenAsync() is { } error) throw new Storage.RoomStoreException(error.Message);
        Settle();
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_keeper is not null) services.Census.Remove(_keeper.Journal.State.Key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by) => DoAsync(_keeper.CreateAsync(draft, by));

    /// <inheritdoc/>
    public Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by) => DoAsync(_keeper.UpdateAsync(draft, by));

    /// <inheritdoc/>
    public Task<RoomSnapshot?> GetAsync() => DoAsync(_keeper.GetAsync());

    /// <inheritdoc/>
    public Task<RoomOutcome> DeleteAsync(RoomActor by) => DoAsync(_keeper.DeleteAsync(by));

    /// <inheritdoc/>
    public Task<JoinOutcome> JoinAsync(JoinRequest request) => DoAsync(_keeper.JoinAsync(request));

    /// <inheritdoc/>
    public Task<ResumeOutcome> ResumeAsync(ResumeRequest request) => DoAsync(_keeper.ResumeAsync(request));

    /// <inheritdoc/>
    public Task ConfirmAsync(SessionId session, string secretHash) => DoAsync(_keeper.ConfirmAsync(session, secretHash));

    /// <inheritdoc/>
    public Task AbandonAsync(SessionId session) => DoAsync(_keeper.AbandonAsync(session));

    /// <inheritdoc/>
    public Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail = "") =>
        DoAsync(_keeper.LeaveAsync(participant, reason, detail));

    /// <inheritdoc/>
    public Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks) =>
        DoAsync(_keeper.PublishAsync(participant, tracks));

    /// <inheritdoc/>
    public Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name) =>
        DoAsync(_keeper.UpdateTrackAsync(participant, track, source, name));

    /// <inheritdoc/>
    public Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason) =>
        DoAsync(_keeper.UnpublishAsync(participant, tracks, reason));

    /// <inheritdoc/>
    public Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted) => DoAsync(_keeper.MuteTrackAsync(by, track, muted));

    /// <inheritdoc/>
    public Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind) => DoAsync(_keeper.MuteAllAsync(by, kind));

    /// <inheritdoc/>
    public Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail = "") =>
        DoAsync(_keeper.KickAsync(by, participant, detail));

    /// <inheritdoc/>
    public Task<RoomOutcome> LockAsync(RoomActor by, bool locked) => DoAsync(_keeper.LockAsync(by, locked));

    /// <inheritdoc/>
    public Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant) => DoAsync(_keeper.AdmitAsync(by, participant));

    /// <inheritdoc/>
    public Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail = "") =>
        DoAsync(_keeper.RefuseAsync(by, participant, detail));

    /// <inheritdoc/>
    public Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name) =>
        DoAsync(_keeper.UpdateMetadataAsync(by, participant, metadata, name));

    /// <inheritdoc/>
    public Task<RecordingAnswer> StartRecordingAsync(RoomActor by) => DoAsync(_keeper.StartRecordingAsync(by));

    /// <inheritdoc/>
    public Task OnRecordingAsync(RoomRecordingNews news) => DoAsync(_keeper.OnRecordingAsync(news));

    /// <inheritdoc/>
    public Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted) =>
        DoAsync(_keeper.ConsentAsync(by, participant, granted));

    /// <inheritdoc/>
    public Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, RecordingPolicy policy) =>
        DoAsync(_keeper.SetRecordingPolicyAsync(by, participant, policy));

    /// <inheritdoc/>
    public Task<EventPage> EventsAsync(long after, int limit) => _keeper.EventsAsync(after, limit);

    /// <inheritdoc/>
    public Task<long> SubscribeAsync(IRoomObserver observer)
    {
        _observers.Add(observer);
        return Task.FromResult(_keeper.Journal.State.Seq);
    }

    /// <inheritdoc/>
    public Task UnsubscribeAsync(IRoomObserver observer)
    {
        _observers.Remove(observer);
        return Task.CompletedTask;
    }

    private async Task<T> DoAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        finally
        {
            Settle();
        }
    }

    private async Task DoAsync(Task call)
    {
        try
        {
            await call;
        }
        finally
        {
            Settle();
        }
    }

    /// <summary>An open room gets its clock, which also keeps it active; a superseded one ends.</summary>
    private void Settle()
    {
        if (_keeper.Journal.IsSuperseded) DeactivateOnIdle();
        bool runs = _keeper.Journal.State.IsOpen && !_keeper.Journal.IsSuperseded;
        if (runs)
        {
            Schedule();
        }
        else if (_timer is not null)
        {
            _timer.Dispose();
            _timer = null;
        }
    }

    /// <summary>The clock goes when the room has something to do, and now and then: only ever sooner than it was set to.</summary>
    private void Schedule()
    {
        TimeSpan until = _keeper.UntilTick();
        long at = services.Time.GetTimestamp() + (long)(until.TotalSeconds * services.Time.TimestampFrequency);
        if (_timer is not null && at >= _ticksAt) return;
        _ticksAt = at;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(
                static (grain, _) => grain.TickAsync(), this, new GrainTimerCreationOptions(until, RoomKeeper.LongestQuiet) { KeepAlive = true });
        }
        else
        {
            _timer.Change(until, RoomKeeper.LongestQuiet);
        }
    }

    private Task TickAsync()
    {
        _ticksAt = long.MaxValue;
        return DoAsync(_keeper.TickAsync());
    }
}
