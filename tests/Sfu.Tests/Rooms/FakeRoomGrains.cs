using System.Collections.Concurrent;
using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Rooms.Hub;

namespace Sfu.Tests.Rooms;

/// <summary>A cluster with one room whose events get lost, doubled or late as the test says.</summary>
internal sealed class FakeRoomGrains : IRoomGrains
{
    public FakeRoomGrain Grain { get; } = new();

    /// <summary>How often a reference cannot be had.</summary>
    public int FailingReferences { get; set; }

    public int Released { get; private set; }

    public IRoomGrain Get(RoomKey room) => Grain;

    public IRoomObserver Refer(IRoomObserver observer) => FailingReferences-- > 0 ? throw new InvalidOperationException("no silo yet") : observer;

    public void Release(IRoomObserver reference) => Released++;
}

/// <summary>A room that has only a log and observers.</summary>
[GrainType("fake-room-of-rooms")]
internal sealed class FakeRoomGrain : IRoomGrain
{
    private readonly Lock _gate = new();
    private readonly List<LoggedEvent> _log = [];
    private IRoomObserver? _observer;

    /// <summary>Events up to here are past their retention.</summary>
    public long PrunedTo { get; set; }

    /// <summary>Calls fail.</summary>
    public volatile bool Fails;

    public ConcurrentQueue<long> Reads { get; } = new();

    public int Subscriptions { get; private set; }

    public int Unsubscriptions { get; private set; }

    public Func<Task<JoinOutcome>> OnJoin { get; set; } = () => throw new NotSupportedException();

    public Func<Task<ResumeOutcome>> OnResume { get; set; } = () => throw new NotSupportedException();

    public ConcurrentQueue<SessionId> Abandoned { get; } = new();

    public TaskCompletionSource AbandonedOnce { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Appends events to the log without telling anybody.</summary>
    public LoggedEvent[] Append(int count)
    {
        lock (_gate)
        {
            var added = new LoggedEvent[count];
            for (int i = 0; i < count; i++)
            {
                added[i] = new LoggedEvent(_log.Count + 1, TestData.Start, EventAudience.Everyone, new RoomLocked(true, RoomActor.Server));
                _log.Add(added[i]);
            }

            return added;
        }
    }

    /// <summary>The activation is gone, and with it its observers.</summary>
    public void ForgetObservers() => _observer = null;

    public Task SendAsync(params LoggedEvent[] events) => _observer?.OnEventsAsync(TestData.Key, events) ?? Task.CompletedTask;

    public Task<long> SubscribeAsync(IRoomObserver observer)
    {
        if (Fails) throw new TimeoutException("no answer");
        lock (_gate)
        {
            _observer = observer;
            Subscriptions++;
            return Task.FromResult((long)_log.Count);
        }
    }

    public Task UnsubscribeAsync(IRoomObserver observer)
    {
        Unsubscriptions++;
        return Task.CompletedTask;
    }

    public Task<EventPage> EventsAsync(long after, int limit)
    {
        if (Fails) throw new TimeoutException("no answer");
        Reads.Enqueue(after);
        lock (_gate)
        {
            return Task.FromResult(new EventPage(_log.Where(e => e.Seq > after && e.Seq > PrunedTo).Take(limit).ToArray(), _log.Count));
        }
    }

    public Task<JoinOutcome> JoinAsync(JoinRequest request) => OnJoin();

    public Task AbandonAsync(SessionId session)
    {
        Abandoned.Enqueue(session);
        AbandonedOnce.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by) => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by) => throw new NotSupportedException();

    public Task<RoomSnapshot?> GetAsync() => throw new NotSupportedException();

    public Task<RoomOutcome> DeleteAsync(RoomActor by) => throw new NotSupportedException();

    public Task<ResumeOutcome> ResumeAsync(ResumeRequest request) => OnResume();

    public Task ConfirmAsync(SessionId session, string secretHash) => throw new NotSupportedException();

    public Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail = "") => throw new NotSupportedException();

    public Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks) => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name) =>
        throw new NotSupportedException();

    public Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason) =>
        throw new NotSupportedException();

    public Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted) => throw new NotSupportedException();

    public Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind) => throw new NotSupportedException();

    public Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail = "") => throw new NotSupportedException();

    public Task<RoomOutcome> LockAsync(RoomActor by, bool locked) => throw new NotSupportedException();

    public Task<Sfu.Recordings.RecordingAnswer> StartRecordingAsync(RoomActor by) => throw new NotSupportedException();

    public Task OnRecordingAsync(Sfu.Recordings.RoomRecordingNews news) => throw new NotSupportedException();

    public Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted) => throw new NotSupportedException();

    public Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, Sfu.Recordings.RecordingPolicy policy) =>
        throw new NotSupportedException();

    public Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant) => throw new NotSupportedException();

    public Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail = "") => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name) =>
        throw new NotSupportedException();
}
