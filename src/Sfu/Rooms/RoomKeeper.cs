using System.Collections.Frozen;
using System.Collections.Immutable;
using Sfu.Media.Rtp;
using Sfu.Observability;
using Sfu.Recordings;
using Sfu.Rooms.Decisions;

namespace Sfu.Rooms;

/// <summary>One room's owner without the cluster around it: decides, lets the journal write, answers.</summary>
/// <remarks>Owned by one activation of <see cref="RoomGrain"/>; one call at a time.</remarks>
internal sealed class RoomKeeper
{
    private static readonly RoomError NoRoomLeft = new(RoomErrorCode.Limit, "There are too many open rooms.", TimeSpan.FromSeconds(30));

    /// <summary>How long a room may be left alone at most: the wall clock may have been set meanwhile.</summary>
    public static readonly TimeSpan LongestQuiet = TimeSpan.FromMinutes(1);

    /// <summary>How often a room looks while something is amiss, and how late at most what is due comes.</summary>
    public static readonly TimeSpan Closely = TimeSpan.FromSeconds(1);

    private readonly RoomServices _services;
    private readonly Dictionary<string, long> _lostSince = [];
    private readonly Dictionary<ParticipantId, (LeaveReason Reason, string Detail)> _owedLeaves = [];

    /// <summary>Makes the owner; <see cref="OpenAsync"/> makes it one.</summary>
    /// <param name="room">The room.</param>
    /// <param name="services">The process's.</param>
    /// <param name="committed">Told each group of events once, in order, when it is durable.</param>
    public RoomKeeper(RoomKey room, RoomServices services, Action<IReadOnlyList<LoggedEvent>> committed)
    {
        _services = services;
        Journal = new RoomJournal(room, services, committed);
    }

    /// <summary>The room's state and log.</summary>
    public RoomJournal Journal { get; }

    private RoomState State => Journal.State;

    /// <summary>Loads the room and claims it when it is open.</summary>
    /// <returns>Null when this is the owner; else nothing may be answered.</returns>
    public Task<RoomError?> OpenAsync() => Journal.RefreshAsync();

    /// <inheritdoc cref="IRoomGrain.CreateAsync"/>
    public async Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by)
    {
        bool creates = false;
        RoomError? error = await RunAsync((state, context) =>
        {
            creates = !state.IsOpen;
            return Lifecycle.Create(state, draft, by, context);
        });
        return error is null ? new CreateOutcome(State.ToInfo(), creates, null) : new CreateOutcome(null, false, error);
    }

    /// <inheritdoc cref="IRoomGrain.UpdateAsync"/>
    public Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by) =>
        AnswerAsync((state, context) => Lifecycle.Update(state, draft, by, context));

    /// <inheritdoc cref="IRoomGrain.GetAsync"/>
    public async Task<RoomSnapshot?> GetAsync()
    {
        await TrustAsync();
        return State.IsOpen ? State.ToSnapshot() : null;
    }

    /// <inheritdoc cref="IRoomGrain.DeleteAsync"/>
    public Task<RoomOutcome> DeleteAsync(RoomActor by) => AnswerAsync((state, _) => Lifecycle.Delete(state, by));

    /// <inheritdoc cref="IRoomGrain.JoinAsync"/>
    public async Task<JoinOutcome> JoinAsync(JoinRequest request)
    {
        if (await RunAsync((state, context) => Admission.Join(state, request, context)) is { } error)
        {
            if (error.Code == RoomErrorCode.RoomFull) _services.Metrics.LimitHit(LimitKind.RoomParticipants);
            if (error.Code == RoomErrorCode.Limit && State.IsOpen) _services.Metrics.LimitHit(LimitKind.Lobby);
            return new JoinRefused(error);
        }

        Participant self = State.Find(request.Session)!;
        return self.State == ParticipantState.Joined
            ? new JoinAccepted(self, State.ToSnapshot())
            : new JoinWaiting(self, State.ToInfo(), State.Seq);
    }

    /// <inheritdoc cref="IRoomGrain.ResumeAsync"/>
    public async Task<ResumeOutcome> ResumeAsync(ResumeRequest request) =>
        await RunAsync((state, _) => Admission.Resume(state, request)) is { } error
            ? new ResumeRefused(error)
            : new ResumeAccepted(State.Find(request.Session)!, State.ToSnapshot());

    /// <inheritdoc cref="IRoomGrain.ConfirmAsync"/>
    public async Task ConfirmAsync(SessionId session, string secretHash) =>
        Check(await RunAsync((state, _) => Admission.Confirm(state, session, secretHash)));

    /// <inheritdoc cref="IRoomGrain.AbandonAsync"/>
    public async Task AbandonAsync(SessionId session) => Check(await RunAsync((state, _) => Admission.Abandon(state, session)));

    /// <inheritdoc cref="IRoomGrain.LeaveAsync"/>
    public async Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail)
    {
        RoomError? error = await RunAsync((state, _) => Admission.Leave(state, participant, reason, detail));
        // Nobody else would say it again: the next tick does.
        if (error is not null && State.Find(participant) is not null) _owedLeaves[participant] = (reason, detail);
        Check(error);
    }

    /// <inheritdoc cref="IRoomGrain.PublishAsync"/>
    public async Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks)
    {
        PublishResult[] results = [];
        RoomError? error = await RunAsync((state, context) => Publishing.Publish(state, participant, tracks, context, out results));
        if (error is not null) results = [.. tracks.Select(_ => new PublishResult(null, error))];
        if (results.Any(result => result.Error?.Code == RoomErrorCode.Limit)) _services.Metrics.LimitHit(LimitKind.Tracks);
        return new PublishOutcome(results);
    }

    /// <inheritdoc cref="IRoomGrain.UpdateTrackAsync"/>
    public Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name) =>
        AnswerAsync((state, _) => Publishing.Update(state, participant, track, source, name));

    /// <inheritdoc cref="IRoomGrain.UnpublishAsync"/>
    public Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason) =>
        AnswerAsync((state, _) => Publishing.Unpublish(state, participant, tracks, reason));

    /// <inheritdoc cref="IRoomGrain.MuteTrackAsync"/>
    public Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted) =>
        AnswerAsync((state, _) => Publishing.Mute(state, by, track, muted));

    /// <inheritdoc cref="IRoomGrain.MuteAllAsync"/>
    public Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind) =>
        AnswerAsync((state, _) => Moderation.MuteAll(state, by, kind));

    /// <inheritdoc cref="IRoomGrain.KickAsync"/>
    public Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail) =>
        AnswerAsync((state, _) => Moderation.Kick(state, by, participant, detail));

    /// <inheritdoc cref="IRoomGrain.LockAsync"/>
    public Task<RoomOutcome> LockAsync(RoomActor by, bool locked) => AnswerAsync((state, _) => Moderation.Lock(state, by, locked));

    /// <inheritdoc cref="IRoomGrain.AdmitAsync"/>
    public Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant) =>
        AnswerAsync((state, context) => Moderation.Admit(state, by, participant, context));

    /// <inheritdoc cref="IRoomGrain.RefuseAsync"/>
    public Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail) =>
        AnswerAsync((state, _) => Moderation.Refuse(state, by, participant, detail));

    /// <inheritdoc cref="IRoomGrain.UpdateMetadataAsync"/>
    public Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name) =>
        AnswerAsync((state, _) => Moderation.ChangeMetadata(state, by, participant, metadata, name));

    /// <inheritdoc cref="IRoomGrain.EventsAsync"/>
    public async Task<EventPage> EventsAsync(long after, int limit)
    {
        long last = State.Seq;
        IReadOnlyList<LoggedEvent> events = await _services.Store.ReadAsync(
            State.Key, Math.Max(after, 0), Math.Clamp(limit, 1, Admission.MaxMissedEvents));
        return new EventPage(events, Math.Max(last, events.Count > 0 ? events[^1].Seq : 0));
    }

    /// <summary>After how long <see cref="TickAsync"/> has something to do or to look at, should nothing happen before: <see cref="Closely"/> to <see cref="LongestQuiet"/>.</summary>
    /// <remarks>
    /// Asked after each call. A turn of a grain writes into what the runtime has put with the old: with fifty rooms that look each second the garbage
    /// collector walks twice as many old objects as without, while the packets wait.
    /// </remarks>
    public TimeSpan UntilTick()
    {
        bool isAmiss = !Journal.IsFresh || _owedLeaves.Count > 0 || _lostSince.Count > 0 || RoomRecorder.IsMissed(State);
        // Of another process nobody is told that it ended.
        if (isAmiss || State.Everybody.Any(participant => participant.Node != _services.Node.Id)) return Closely;
        TimeSpan due = Lifecycle.NextDue(State, _services.Options.Value) - Now();
        return due < Closely ? Closely : due > LongestQuiet ? LongestQuiet : due;
    }

    /// <summary>Does what time alone brings.</summary>
    public async Task TickAsync()
    {
        foreach ((ParticipantId participant, (LeaveReason reason, string detail)) in _owedLeaves.ToArray())
        {
            if (await RunAsync((state, _) => Admission.Leave(state, participant, reason, detail)) is not null) return;
            _owedLeaves.Remove(participant);
        }

        await RunAsync((state, context) => Lifecycle.Overdue(state, context, LostNodes(state)));
        if (State.IsOpen && await Journal.Recorder.RetryAsync(State) is { Count: > 0 } begun) await Journal.CommitAsync(begun, Now());
    }

    /// <inheritdoc cref="IRoomGrain.StartRecordingAsync"/>
    public async Task<RecordingAnswer> StartRecordingAsync(RoomActor by)
    {
        if (await Journal.RefreshAsync() is { } away) return RecordingAnswer.Refuse(away);
        if (RecordingRules.Refusal(State, by) is { } refused) return RecordingAnswer.Refuse(refused);
        RecordingAnswer answer = await Journal.Recorder.StartAsync(State, by);
        if (answer.Recording is not { } recording || recording.Version <= (State.Recording?.Version ?? 0)) return answer;
        // Its owner tells the room again, should this write be lost.
        RoomError? error = await Journal.CommitAsync([RecordingRules.Change(State, recording.ToRoom())], Now());
        return error is null ? answer : RecordingAnswer.Refuse(error);
    }

    /// <inheritdoc cref="IRoomGrain.OnRecordingAsync"/>
    public async Task OnRecordingAsync(RoomRecordingNews news)
    {
        RoomError? error = await RunAsync((state, _) => RecordingRules.Report(state, news));
        // A room that is gone needs to know no more.
        if (error is { Code: not RoomErrorCode.NotFound }) Check(error);
    }

    /// <inheritdoc cref="IRoomGrain.ConsentAsync"/>
    public Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted) =>
        SettleAsync(AnswerAsync((state, _) => RecordingRules.Consent(state, by, participant, granted)));

    /// <inheritdoc cref="IRoomGrain.SetRecordingPolicyAsync"/>
    public Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, RecordingPolicy policy) =>
        SettleAsync(AnswerAsync((state, _) => RecordingRules.SetPolicy(state, by, participant, policy)));

    /// <summary>What is answered holds at the recorder.</summary>
    private async Task<RoomOutcome> SettleAsync(Task<RoomOutcome> change)
    {
        RoomOutcome outcome = await change;
        return outcome.Error is null && await Journal.Recorder.SettleAsync(State.Key) is { } error ? new RoomOutcome(error) : outcome;
    }

    private IReadOnlySet<string> LostNodes(RoomState state)
    {
        if (_lostSince.Count == 0 && AreAlive(state.Everybody)) return FrozenSet<string>.Empty; // mostly, and without garbage for each participant
        var dead = state.Everybody.Select(participant => participant.Node).Where(node => !_services.Nodes.IsAlive(node)).ToHashSet();
        foreach (string node in _lostSince.Keys.Except(dead).ToArray()) _lostSince.Remove(node);
        // Counted by the monotonic clock: a jump of the wall clock must not send anybody away.
        foreach (string node in dead) _lostSince.TryAdd(node, _services.Time.GetTimestamp());
        return dead.Where(node => _services.Time.GetElapsedTime(_lostSince[node]) >= _services.Options.Value.NodeLostTimeout).ToHashSet();
    }

    private bool AreAlive(ImmutableArray<Participant> participants)
    {
        foreach (Participant participant in participants)
            if (!_services.Nodes.IsAlive(participant.Node)) return false;
        return true;
    }

    private async Task<RoomOutcome> AnswerAsync(Func<RoomState, DecisionContext, Decision> decide) =>
        await RunAsync(decide) is { } error ? new RoomOutcome(error) : RoomOutcome.Done;

    private async Task<RoomError?> RunAsync(Func<RoomState, DecisionContext, Decision> decide)
    {
        if (await Journal.RefreshAsync() is { } away) return away;
        DateTimeOffset now = Now();
        LimitKind? fullBy = State.IsOpen ? null : _services.Census.FullBy(State.Key.Tenant);
        RoomError? full = fullBy is null ? null : NoRoomLeft;
        var context = new DecisionContext(_services.Options.Value, now, _services.Ids, full)
        {
            Recording = _services.Recording.Value.DefaultPolicy,
            Consent = _services.Recording.Value.DefaultConsent,
        };
        Decision decision = decide(State, context);
        if (decision.Error is null)
        {
            (RoomError? refused, IReadOnlyList<RoomEvent> events) = await Journal.Recorder.PrepareAsync(State, decision.Events, now);
            return refused ?? await Journal.CommitAsync(events, now);
        }

        if (ReferenceEquals(decision.Error, full)) _services.Metrics.LimitHit(fullBy!.Value);
        return decision.Error;
    }

    private DateTimeOffset Now()
    {
        // Whole milliseconds, as they are stored: a replayed state equals the live one.
        return DateTimeOffset.FromUnixTimeMilliseconds(_services.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private async Task TrustAsync() => Check(await Journal.RefreshAsync());

    private static void Check(RoomError? error)
    {
        if (error is not null) throw new Storage.RoomStoreException(error.Message);
    }
}
