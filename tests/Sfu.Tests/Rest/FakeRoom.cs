using System.Reflection;
using System.Runtime.CompilerServices;
using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Rest;

/// <summary>One room in memory: answers what the test sets, and writes down what it was asked.</summary>
/// <remarks>It stands behind a proxy instead of being a grain: Orleans would take every class that is one for an implementation.</remarks>
internal sealed class FakeRoom(RoomKey key)
{
    public RoomKey Key => key;

    /// <summary>The room as a grain.</summary>
    public IRoomGrain Grain => GrainProxy.For(this);

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

    public Task<Sfu.Recordings.RecordingAnswer> StartRecordingAsync(RoomActor by)
    {
        Guard(by, "");
        return Task.FromResult(Recording ?? Sfu.Recordings.RecordingAnswer.Refuse(Refusal ?? new RoomError(RoomErrorCode.NotFound, "There is no such room.")));
    }

    public Task<RoomOutcome> ConsentAsync(RoomActor by, ParticipantId participant, bool granted)
    {
        Guard(by, $"{participant} {granted}");
        return Outcome();
    }

    public Task<RoomOutcome> SetRecordingPolicyAsync(RoomActor by, ParticipantId participant, Sfu.Recordings.RecordingPolicy policy)
    {
        Guard(by, $"{participant} {policy}");
        return Outcome();
    }

    /// <summary>What a start is answered.</summary>
    public Sfu.Recordings.RecordingAnswer? Recording { get; set; }

    public Task<EventPage> EventsAsync(long after, int limit)
    {
        if (Failure is { } failure) throw failure;
        return Task.FromResult(new EventPage([.. Log.Where(e => e.Seq > after).Take(limit)], Log.Count == 0 ? 0 : Log[^1].Seq));
    }

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

/// <summary>Hands calls of a grain to the methods of the same name; others are not supported.</summary>
public class GrainProxy : DispatchProxy
{
    private FakeRoom _room = null!;

    internal static IRoomGrain For(FakeRoom room)
    {
        IRoomGrain grain = Create<IRoomGrain, GrainProxy>();
        ((GrainProxy)(object)grain)._room = room;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        MethodInfo method = typeof(FakeRoom).GetMethod(targetMethod!.Name) ?? throw new NotSupportedException(targetMethod.Name);
        return method.Invoke(_room, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
