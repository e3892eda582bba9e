using System.Runtime.CompilerServices;
using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Rest;

/// <summary>One room in memory: answers what the test sets, and writes down what it was asked.</summary>
internal sealed class FakeRoom(RoomKey key) : IRoomGrain
{
    public RoomKey Key => key;

    /// <summary>Null = the room is not open.</summary>
    public RoomSnapshot? Snapshot { get; set; }

    /// <summary>The refusal of every change, or null.</summary>
    public RoomError? Refusal { get; set; }

    /// <summary>Thrown by every call when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The log.</summary>
    public List<LoggedEvent> Log { get; } = [];

    /// <summary>Changes that were asked for, in words.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The newest actor of a change.</summary>
    public RoomActor? By { get; private set; }

    public FakeRoom Open(params Participant[] participants)
    {
        var settings = new RoomSettings { MaxParticipants = 100, EmptyTimeout = TimeSpan.FromSeconds(300), DepartureTimeout = TimeSpan.FromSeconds(20) };
        Participant[] joined = [.. participants.Where(p => p.State == ParticipantState.Joined)];
        Participant[] waiting = [.. participants.Where(p => p.State == ParticipantState.Waiting)];
        Snapshot = new RoomSnapshot(
            new RoomInfo(key, "RM_abcdefgh", settings, Locked: false, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123), joined.Length, waiting.Length),
            joined, waiting, Seq: 7);
        return this;
    }

    public Task<CreateOutcome> CreateAsync(RoomDraft draft, RoomActor by)
    {
        Guard(by, $"{draft.MaxParticipants} {draft.EmptyTimeout} {draft.DepartureTimeout} {draft.Lobby} {draft.Metadata}");
        if (Refusal is not null) return Task.FromResult(new CreateOutcome(null, false, Refusal));
        bool created = Snapshot is null;
        if (created) Open();
        return Task.FromResult(new CreateOutcome(Snapshot!.Room, created, null));
    }

    public Task<RoomOutcome> UpdateAsync(RoomDraft draft, RoomActor by)
    {
        Guard(by, $"{draft.MaxParticipants} {draft.Lobby} {draft.Metadata}");
        return Outcome();
    }

    public Task<RoomSnapshot?> GetAsync()
    {
        if (Failure is { } failure) throw failure;
        return Task.FromResult(Snapshot);
    }

    public Task<RoomOutcome> DeleteAsync(RoomActor by)
    {
        Guard(by, "");
        return Outcome();
    }

    public Task<RoomOutcome> MuteTrackAsync(RoomActor by, TrackId track, bool muted)
    {
        Guard(by, $"{track} {muted}");
        return Outcome();
    }

    public Task<RoomOutcome> MuteAllAsync(RoomActor by, MediaKind kind)
    {
        Guard(by, $"{kind}");
        return Outcome();
    }

    public Task<RoomOutcome> KickAsync(RoomActor by, ParticipantId participant, string detail = "")
    {
        Guard(by, $"{participant} {detail}");
        return Outcome();
    }

    public Task<RoomOutcome> LockAsync(RoomActor by, bool locked)
    {
        Guard(by, $"{locked}");
        return Outcome();
    }

    public Task<RoomOutcome> AdmitAsync(RoomActor by, ParticipantId participant)
    {
        Guard(by, $"{participant}");
        return Outcome();
    }

    public Task<RoomOutcome> RefuseAsync(RoomActor by, ParticipantId participant, string detail = "")
    {
        Guard(by, $"{participant} {detail}");
        return Outcome();
    }

    public Task<RoomOutcome> UpdateMetadataAsync(RoomActor by, ParticipantId? participant, string? metadata, string? name)
    {
        Guard(by, $"{participant} {metadata} {name}");
        return Outcome();
    }

    public Task<EventPage> EventsAsync(long after, int limit)
    {
        if (Failure is { } failure) throw failure;
        return Task.FromResult(new EventPage([.. Log.Where(e => e.Seq > after).Take(limit)], Log.Count == 0 ? 0 : Log[^1].Seq));
    }

    public Task<JoinOutcome> JoinAsync(JoinRequest request) => throw new NotSupportedException();

    public Task<ResumeOutcome> ResumeAsync(ResumeRequest request) => throw new NotSupportedException();

    public Task AbandonAsync(SessionId session) => throw new NotSupportedException();

    public Task LeaveAsync(ParticipantId participant, LeaveReason reason, string detail = "") => throw new NotSupportedException();

    public Task<PublishOutcome> PublishAsync(ParticipantId participant, IReadOnlyList<TrackDraft> tracks) => throw new NotSupportedException();

    public Task<RoomOutcome> UpdateTrackAsync(ParticipantId participant, TrackId track, TrackSource? source, string? name) => throw new NotSupportedException();

    public Task<RoomOutcome> UnpublishAsync(ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason) => throw new NotSupportedException();

    public Task<long> SubscribeAsync(IRoomObserver observer) => throw new NotSupportedException();

    public Task UnsubscribeAsync(IRoomObserver observer) => throw new NotSupportedException();

    private void Guard(RoomActor by, string what, [CallerMemberName] string method = "")
    {
        if (Failure is { } failure) throw failure;
        By = by;
        Asked.Add($"{method.Replace("Async", "", StringComparison.Ordinal)} {what}".TrimEnd());
    }

    private Task<RoomOutcome> Outcome() => Task.FromResult(
        Refusal is { } refusal ? new RoomOutcome(refusal)
        : Snapshot is null ? RoomOutcome.Refused(RoomErrorCode.NotFound, "There is no such room.")
        : RoomOutcome.Done);
}
