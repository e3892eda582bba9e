using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms.Decisions;

namespace Sfu.Rooms;

/// <summary>Makes a room recorded before what needs it happens, and tells recorder and owner what happened.</summary>
/// <remarks>One activation's; not thread-safe.</remarks>
internal sealed class RoomRecorder(RoomServices services)
{
    /// <summary>How long the owner of the recording may take: a join waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4.5);

    /// <summary>How long workers may take until a change of consent holds.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(30);
    private readonly ILogger _logger = services.Loggers.CreateLogger<RoomRecorder>();
    private long? _triedAt;

    /// <summary>What must be recorded is, before it happens.</summary>
    /// <param name="state">The room.</param>
    /// <param name="events">What is about to happen.</param>
    /// <param name="now">The time.</param>
    /// <returns>The events with what recording adds, or why they must not happen.</returns>
    public async Task<(RoomError? Refused, IReadOnlyList<RoomEvent> Events)> PrepareAsync(RoomState state, IReadOnlyList<RoomEvent> events, DateTimeOffset now)
    {
        bool enters = events.Any(e => e is ParticipantJoined or ParticipantAdmitted);
        if (!enters && !events.Any(e => e is RoomUpdated or ParticipantRecordingChanged)) return (null, events);
        RoomState next = Fold(state, events, now);
        RecordingPolicy wanted = RecordingRules.Wanted(next);
        RoomRecording? has = state.Recording;
        bool isRecorded = has is { State: RoomRecordingState.Recording or RoomRecordingState.Paused } && has.Policy >= wanted;
        if (wanted == RecordingPolicy.Off || isRecorded) return (null, RecordingRules.Stamp(state, events));

        string entering = enters ? next.Joined[^1].Identity : "";
        RecordingAnswer answer = await AskAsync(state, next, wanted, RoomActor.Server, entering);
        if (answer.Error is { } error && wanted == RecordingPolicy.Required) return (error, events);
        RecordingChanged? changed = ChangeOf(state, answer, wanted);
        if (changed is null) return (null, RecordingRules.Stamp(state, events));
        int at = events is [RoomCreated, ..] ? 1 : 0;
        return (null, RecordingRules.Stamp(state, [.. events.Take(at), changed, .. events.Skip(at)]));
    }

    /// <summary>Somebody wants the room to be recorded.</summary>
    public Task<RecordingAnswer> StartAsync(RoomState state, RoomActor by)
    {
        RecordingPolicy wanted = RecordingRules.Wanted(state);
        return AskAsync(state, state, wanted == RecordingPolicy.Off ? RecordingPolicy.BestEffort : wanted, by, "");
    }

    /// <summary>A call that should be recorded and is not.</summary>
    public static bool IsMissed(RoomState state) =>
        state.Recording is { State: RoomRecordingState.Failed } && RecordingRules.Wanted(state) != RecordingPolicy.Off;

    /// <summary>A call that should be recorded and is not is tried again now and then.</summary>
    public async Task<IReadOnlyList<RoomEvent>> RetryAsync(RoomState state)
    {
        bool rests = _triedAt is { } at && services.Time.GetElapsedTime(at) < RetryEvery;
        if (rests || !IsMissed(state)) return [];
        RecordingPolicy wanted = RecordingRules.Wanted(state);
        RecordingAnswer answer = await AskAsync(state, state, wanted, RoomActor.Server, "");
        return answer.Recording is null || ChangeOf(state, answer, wanted) is not { } changed ? [] : [changed];
    }

    /// <summary>Tells the recorder and the owner what is durable now.</summary>
    /// <param name="fence">The room, and who speaks.</param>
    /// <param name="state">The room after it.</param>
    /// <param name="entry">What happened.</param>
    public void Tell(RoomFence fence, RoomState state, LoggedEvent entry)
    {
        IEnumerable<ParticipantId> changed = entry.Event switch
        {
            ParticipantJoined joined => [joined.Participant.Id],
            ParticipantAdmitted admitted => [admitted.Participant.Id],
            ParticipantRecordingChanged one => [one.Participant],
            RecordingChanged all => all.States.Select(one => one.Participant),
            _ => [],
        };
        RecordedParticipant[] participants = [.. changed.Select(state.Find).OfType<Participant>().Select(Of)];
        if (participants.Length > 0) services.Recorder.SetParticipants(fence, participants);
        if (entry.Audience != EventAudience.Internal) services.Recorder.OnRoomEvent(fence, entry);
    }

    /// <summary>Waits until what the recorder was told holds for every packet that comes from now on: who takes consent back is promised that.</summary>
    /// <returns>Null, or why it cannot be promised yet; it is durable already, and asking again waits again.</returns>
    public async Task<RoomError?> SettleAsync(RoomKey room)
    {
        try
        {
            using var patience = new CancellationTokenSource(SettlePatience, services.Time);
            await services.Recorder.SettleAsync(room, patience.Token);
            return null;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _logger.RecorderUnsettled(e, room);
            return new RoomError(RoomErrorCode.TryAgain, "The recorder has not confirmed it; ask again.", TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Something happened that the owner of the recording wants to know at once.</summary>
    public void Poke(RoomKey room, IReadOnlyList<LoggedEvent> entries)
    {
        if (entries.Any(entry => entry.Event is ParticipantJoined or ParticipantAdmitted or ParticipantLeft or RoomClosed))
            services.Recordings.Get(room).PokeAsync().Ignore();
    }

    private async Task<RecordingAnswer> AskAsync(RoomState state, RoomState next, RecordingPolicy wanted, RoomActor by, string entering)
    {
        _triedAt = services.Time.GetTimestamp();
        var demand = new RecordingDemand
        {
            RoomId = next.RoomId,
            RoomSeq = state.Seq,
            IsOpen = state.IsOpen,
            Policy = wanted,
            Consent = next.Settings!.Consent,
            Participants = [.. next.Joined.Select(participant => Of(participant, next.Settings!.Consent, state.Find(participant.Id)))],
            By = by,
            Entering = entering,
        };
        try
        {
            return await services.Recordings.Get(next.Key).EnsureAsync(demand).WaitAsync(Patience, services.Time);
        }
        catch (Exception e)
        {
            _logger.RecordingUnanswered(e, next.Key);
            return RecordingAnswer.Refuse(new RoomError(
                RoomErrorCode.RecordingUnavailable, "The call must be recorded and the recorder does not answer.", TimeSpan.FromSeconds(2)));
        }
    }

    /// <summary>The event of an answer; null when the room knows it.</summary>
    private static RecordingChanged? ChangeOf(RoomState state, RecordingAnswer answer, RecordingPolicy wanted)
    {
        RoomRecording? has = state.Recording;
        if (answer.Recording is { } recording)
            return recording.Version > (has?.Version ?? 0) ? RecordingRules.Change(state, recording.ToRoom()) : null;
        if (has is { IsLive: true } or { State: RoomRecordingState.Failed }) return null;
        // Nothing began: it has no id, and the version stays so that whatever begins later is newer.
        var failed = new RoomRecording(
            Guid.Empty, has?.Version ?? 0, RoomRecordingState.Failed, wanted, state.Settings?.Consent ?? ConsentMode.None, answer.Cause ?? RecordingCause.Internal);
        return RecordingRules.Change(state, failed);
    }

    private static RecordedParticipant Of(Participant participant) =>
        new(participant.Id, participant.Identity, participant.Name, participant.Recording, participant.ConsentText) { IsVisible = IsVisible(participant) };

    // Who is about to enter has an event of the room when it has.
    private static RecordedParticipant Of(Participant participant, ConsentMode consent, Participant? before)
    {
        var begun = new RoomRecording(Guid.Empty, 0, RoomRecordingState.Recording, RecordingPolicy.BestEffort, consent);
        return new RecordedParticipant(participant.Id, participant.Identity, participant.Name, RecordingRules.StateOf(begun, participant)) { IsVisible = IsVisible(before) };
    }

    private static bool IsVisible(Participant? participant) => participant is { State: ParticipantState.Joined, Rights: { Hidden: false, Recorder: false } };

    private static RoomState Fold(RoomState state, IReadOnlyList<RoomEvent> events, DateTimeOffset now)
    {
        foreach (RoomEvent one in events) state = state.Apply(new LoggedEvent(state.Seq + 1, now, EventAudience.Internal, one));
        return state;
    }
}
