using Sfu.Nodes.Recording;
using Sfu.Recordings.Decisions;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>The owner of one room's recordings without the cluster around it: decides, lets the journal write, then orders the recorder.</summary>
/// <remarks>Owned by one activation of <see cref="RecordingGrain"/>; one call at a time. What the recorder must do follows from the stored
/// state alone (<see cref="AdvanceAsync()"/>), so that a crash between the two loses nothing.</remarks>
internal sealed class RecordingKeeper(RoomKey room, RecordingServices services)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly RecorderOrders _orders = new(room, services);
    private readonly RoomLogReader _log = new(room, services);
    private readonly Dictionary<Guid, long> _told = [];
    private Task _telling = Task.CompletedTask;
    private long? _heldSince;

    /// <summary>State and store.</summary>
    public RecordingJournal Journal { get; } = new(room, services);

    /// <summary>There is something to do as time passes.</summary>
    public bool IsBusy => Journal.Open.Count > 0 && !Journal.IsSuperseded;

    /// <summary>Loads and claims; what another process recorded goes on here.</summary>
    public async Task<RoomError?> OpenAsync()
    {
        if (await Journal.RefreshAsync() is { } error) return error;
        return Journal.Current is { } current ? await DoAsync(current, Progress.Awoken(current, services.Node.Id)) : null;
    }

    /// <inheritdoc cref="IRecordingGrain.EnsureAsync"/>
    public async Task<RecordingAnswer> EnsureAsync(RecordingDemand demand)
    {
        if (await Journal.RefreshAsync() is { } away) return RecordingAnswer.Refuse(away);
        if (Journal.Current is { } other && other.RoomId != demand.RoomId)
        {
            // The room ended and was opened again before its end was read.
            await _log.ReadAsync(Journal, Now());
            RecordingState old = Journal.Current ?? other;
            if (await DoAsync(old, RecordingDecision.Do(Steering.End(RecordingEndReason.RoomClosed, old.Cause, RoomActor.Server))) is { } error)
                return RecordingAnswer.Refuse(error);
        }

        RecordingAnswer answer = Journal.Current is { } current ? await JoinAsync(current, demand) : await BeginAsync(demand);
        Tell();
        return answer;
    }

    /// <inheritdoc cref="IRecordingGrain.PauseAsync"/>
    public async Task<RecordingAnswer> PauseAsync(Guid? recording, PauseWish wish, RoomActor by)
    {
        string? identity = wish.Participant is { } participant ? wish.Identity ?? await IdentityOfAsync(participant) : null;
        return await SteerAsync(recording, state =>
        {
            // A pause of nobody would be answered as one and mask nothing.
            if (wish.Participant is not null && identity is null && RecordingPhases.IsOpen(state.Phase)) return RecordingDecision.NoParticipant;
            DateTimeOffset now = Now();
            var span = new PauseSpan(wish.Participant, wish.Reason, wish.Text, now, wish.For is { } time ? now + time : null) { Identity = identity };
            return Steering.Pause(state, span, by);
        });
    }

    /// <inheritdoc cref="IRecordingGrain.ResumeAsync"/>
    public async Task<RecordingAnswer> ResumeAsync(Guid? recording, ParticipantId? participant, RoomActor by)
    {
        string? identity = participant is { } one ? await IdentityOfAsync(one) : null;
        return await SteerAsync(recording, state => Steering.Resume(state, participant, identity, by));
    }

    /// <inheritdoc cref="IRecordingGrain.StopAsync"/>
    public async Task<RecordingAnswer> StopAsync(Guid? recording, RoomActor by)
    {
        if (await Journal.RefreshAsync() is null && Journal.Current is { } current) await _log.ReadAsync(Journal, Now(), current);
        return await SteerAsync(recording, state => Steering.Stop(state, by));
    }

    /// <inheritdoc cref="IRecordingGrain.OnHealthAsync"/>
    public async Task OnHealthAsync(Guid recording, NodeRecordingHealth health)
    {
        if (await Journal.RefreshAsync() is not null || Journal.Current is not { } current || current.Id != recording) return;
        await DoAsync(current, Progress.Health(current, health));
        if (Journal.Current is { } seen) _ = Held(seen); // the clock of held media starts now, not at the next tick
        Tell();
    }

    /// <summary>Does what time alone brings, once a second.</summary>
    public async Task TickAsync()
    {
        if (await Journal.RefreshAsync() is not null) return;
        if (Journal.Current is { } current)
        {
            bool isRoomOver = await _log.ReadAsync(Journal, Now(), current);
            if (Journal.Current is { } read) await DoAsync(read, Progress.Health(read, services.Recorder.HealthOf(read.Id)));
            if (Journal.Current is { } seen) await DoAsync(seen, Progress.Overdue(seen, Now(), Held(seen), isRoomOver));
        }

        await AdvanceAsync();
        Tell();
    }

    /// <summary>Orders what the stored state asks for and the recorder has not confirmed: start, masks, seal.</summary>
    public async Task AdvanceAsync()
    {
        if (Journal.Current is { } current) await AdvanceAsync(current);
        foreach (RecordingState state in Journal.Open.Where(state => state.Phase == RecordingPhase.Sealing).ToArray())
        {
            if (_orders.Seal(state, Journal.Epoch) is { } sealedNow) await Journal.CommitAsync(state, [sealedNow], Now());
        }
    }

    private async Task AdvanceAsync(RecordingState current)
    {
        switch (current.Phase)
        {
            case RecordingPhase.Requested:
                await DoAsync(current, RecordingDecision.Do(new RecordingPhaseChanged(RecordingPhase.Arming)));
                break;
            case RecordingPhase.Arming or RecordingPhase.Recovering:
            case RecordingPhase.Suspended when services.Recorder.HealthOf(current.Id).State is NodeRecordingState.Unknown or NodeRecordingState.Failed:
                NodeRecordingStart answer = await _orders.StartAsync(current, Journal);
                await DoAsync(current, Progress.Started(current, answer));
                break;
            default:
                await _orders.MaskAsync(current, Journal.Epoch);
                break;
        }
    }

    /// <summary>The room is recorded already, or is about to be again.</summary>
    private async Task<RecordingAnswer> JoinAsync(RecordingState current, RecordingDemand demand)
    {
        if (await DoAsync(current, Steering.Raise(current, demand.Policy)) is { } error) return RecordingAnswer.Refuse(error);
        if (Journal.Current is { Phase: not (RecordingPhase.Active or RecordingPhase.Degraded) }) await AdvanceAsync();
        RecordingState now = Journal.Current ?? current;
        if (now.Phase is RecordingPhase.Active or RecordingPhase.Degraded)
        {
            if (now.Policy != current.Policy) await _orders.SetPolicyAsync(now, Journal.Epoch);
            return new RecordingAnswer(now, null);
        }

        if (demand.Policy != RecordingPolicy.Required && RecordingPhases.IsOpen(now.Phase)) return new RecordingAnswer(now, null);
        return await RefuseAsync(demand, now.Cause ?? RecordingCause.Internal);
    }

    private async Task<RecordingAnswer> BeginAsync(RecordingDemand demand)
    {
        if (services.Recorder.Unavailable is { } down) return await RefuseAsync(demand, down);
        DateTimeOffset now = Now();
        RecordingState asked = Journal.New(demand, now);
        var change = new RecordingChange { Participants = [.. demand.Participants.Select(participant => RoomLogReader.Of(participant, now))] };
        // The order is durable before it is given: after a crash the recorder is asked whether it took it.
        if (await Journal.CommitAsync(asked, [new RecordingPhaseChanged(RecordingPhase.Arming)], now, change) is { } error)
            return RecordingAnswer.Refuse(error);
        RecordingState arming = Journal.Current!;
        NodeRecordingStart answer = await _orders.StartAsync(arming, Journal, demand.Participants);
        Impossibility? refusal = answer.Refused is { } cause ? Journal.RefusalOf(demand, cause, arming.Id, now) : null;
        RecordingDecision decision = Progress.Started(arming, answer);
        if (await Journal.CommitAsync(arming, decision.Events, Now(), new RecordingChange { Impossibility = refusal }) is { } lost)
            return RecordingAnswer.Refuse(lost);
        return Journal.Current is { } begun ? new RecordingAnswer(begun, null, Created: true) : RecordingAnswer.Refuse(Unavailable(refusal?.Cause), refusal?.Cause);
    }

    private async Task<RecordingAnswer> RefuseAsync(RecordingDemand demand, RecordingCause cause)
    {
        services.Loggers.CreateLogger<RecordingKeeper>().RecordingRefused(room, cause);
        return RecordingAnswer.Refuse(await Journal.RefuseAsync(demand, cause, Now()) ?? Unavailable(cause), cause);
    }

    private async Task<RecordingAnswer> SteerAsync(Guid? recording, Func<RecordingState, RecordingDecision> decide)
    {
        if (await Journal.RefreshAsync() is { } away) return RecordingAnswer.Refuse(away);
        RecordingState? state = recording is { } id ? Journal.Open.FirstOrDefault(open => open.Id == id) : Journal.Current;
        if (state is null)
        {
            return RecordingAnswer.Refuse(recording is null
                ? new RoomError(RoomErrorCode.NotFound, "The room is not being recorded.")
                : new RoomError(RoomErrorCode.BadState, "The recording has ended."));
        }

        RecordingDecision decision = decide(state);
        if ((decision.Error ?? await DoAsync(state, decision)) is { } error) return RecordingAnswer.Refuse(error);
        RecordingState after = Journal.Open.FirstOrDefault(open => open.Id == state.Id) ?? state;
        // What is answered holds: a pause that the recorder has not confirmed is none.
        bool isMasked = !RecordingPhases.IsOpen(after.Phase) || await _orders.MaskAsync(after, Journal.Epoch);
        await AdvanceAsync();
        Tell();
        return isMasked
            ? new RecordingAnswer(Journal.Open.FirstOrDefault(open => open.Id == state.Id) ?? after, null)
            : RecordingAnswer.Refuse(new RoomError(RoomErrorCode.TryAgain, "The recorder has not confirmed it; ask again.", RetryAfter));
    }

    /// <summary>The identity of one who is or was in the recording, who may have joined just now; null when nobody of this id is known.</summary>
    private async Task<string?> IdentityOfAsync(ParticipantId participant)
    {
        if (await Journal.RefreshAsync() is not null) return null;                // who steers is told so
        if (Journal.Find(participant) is null && Journal.Current is { } current) await _log.ReadAsync(Journal, Now(), current);
        return Journal.Find(participant)?.Identity;
    }

    private async Task<RoomError?> DoAsync(RecordingState state, RecordingDecision decision) =>
        decision.Error ?? (decision.Events.Count == 0 ? null : await Journal.CommitAsync(state, decision.Events, Now()));

    /// <summary>How long nothing is recorded, by the monotonic clock: a jump of the wall clock must not end a call.</summary>
    private TimeSpan Held(RecordingState state)
    {
        if (state.SuspendedSince is null) _heldSince = null;
        else _heldSince ??= services.Time.GetTimestamp();
        return _heldSince is { } since ? services.Time.GetElapsedTime(since) : TimeSpan.Zero;
    }

    /// <summary>Tells the room what it does not know; never waits for it, because the room may wait for us.</summary>
    private void Tell()
    {
        if (!_telling.IsCompleted || Journal.IsSuperseded) return;
        if (Newest() is { } news && news.Version > Math.Max(news.ToldVersion, _told.GetValueOrDefault(news.Id))) _telling = TellAsync(news);
    }

    private RecordingState? Newest() => Journal.Open.MaxBy(state => state.FirstVersion);

    private async Task TellAsync(RecordingState state)
    {
        try
        {
            await services.Rooms.TellAsync(
                room, new RoomRecordingNews(state.RoomId, state.ToRoom(), state.EndReason == RecordingEndReason.RecordingUnavailable));
            _told[state.Id] = state.Version;
        }
        catch (Exception e)
        {
            services.Loggers.CreateLogger<RecordingKeeper>().RoomNotTold(e, room, state.Id);
        }
    }

    /// <summary>Forgets recordings that are over and known to be; called by the tick's owner between two calls.</summary>
    public async Task ForgetAsync()
    {
        foreach (RecordingState state in Journal.Open.Where(state => RecordingPhases.IsOver(state.Phase)).ToArray())
        {
            // What became of an older one must not reach a room that has a newer one.
            if (_told.GetValueOrDefault(state.Id) < state.Version && state.Id == Newest()?.Id) continue;
            if (await Journal.CommitAsync(state, [], Now(), new RecordingChange { ToldVersion = state.Version }) is null) _told.Remove(state.Id);
        }
    }

    private static RoomError Unavailable(RecordingCause? cause) => new(
        RoomErrorCode.RecordingUnavailable, $"The call must be recorded and cannot be now ({Storage.RecordingJson.Name(cause ?? RecordingCause.Internal)}).", RetryAfter);

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(services.Time.GetUtcNow().ToUnixTimeMilliseconds());
}
