using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>Plays the room grain and its event hub: decides what is published, tells the node, then every session by numbered events.</summary>
internal sealed class FakeRoom : IRoomTracks
{
    public static readonly RoomKey Key = new("tenant", "room");
    private readonly List<Participant> _participants = [];
    private readonly List<IMediaSession> _sessions = [];
    private readonly Queue<(IMediaSession To, LoggedEvent Entry)> _undelivered = new();
    private readonly Lock _gate = new();
    private long _seq;
    private int _lastId;

    /// <summary>Set by the fixture.</summary>
    public IMediaNode Node { get; set; } = null!;

    public long Epoch { get; set; } = 1;

    /// <summary>Most tracks of a participant.</summary>
    public int TrackLimit { get; set; } = 8;

    /// <summary>The room does not answer while true.</summary>
    public bool IsDown { get; set; }

    /// <summary>Events wait for <see cref="Deliver"/> while true.</summary>
    public bool HoldsEvents { get; set; }

    /// <summary>Runs after a publication was decided and before its answer arrives.</summary>
    public Action<IReadOnlyList<Track>>? BeforeAnswer { get; set; }

    /// <summary>Completed by a test that wants the answer to wait.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public IReadOnlyList<Participant> Participants => _participants;

    public IEnumerable<Track> Tracks => _participants.SelectMany(p => p.Tracks);

    public List<TrackDraft> Drafts { get; } = [];

    public List<(TrackId Track, UnpublishReason Reason)> Ended { get; } = [];

    public List<TrackId> Withdrawn { get; } = [];

    public RoomFence Fence => new(Key, Epoch);

    public Participant Join(string identity, ParticipantRights? rights = null)
    {
        using Lock.Scope scope = _gate.EnterScope();
        var participant = new Participant
        {
            Id = new ParticipantId($"PA_{++_lastId}"),
            Identity = identity,
            State = ParticipantState.Joined,
            Rights = rights ?? new ParticipantRights(true, true, true, false, false, false, []),
            JoinedAt = DateTimeOffset.UnixEpoch,
            Session = new SessionId($"S_{_lastId}"),
            Node = "node",
            Client = new ClientInfo(ClientProtocol.WebSocket),
        };
        _participants.Add(participant);
        Log(new ParticipantJoined(participant), participant.Rights.Hidden);
        return participant;
    }

    public RoomSettings Settings { get; set; } =
        new() { MaxParticipants = 100, EmptyTimeout = TimeSpan.FromMinutes(5), DepartureTimeout = TimeSpan.FromSeconds(20) };

    public RoomSnapshot Snapshot() => new(
        new RoomInfo(
            Key, "RM_1", Settings,
            false, DateTimeOffset.UnixEpoch, _participants.Count, 0),
        [.. _participants], [], _seq);

    public void Follow(IMediaSession session)
    {
        using Lock.Scope scope = _gate.EnterScope();
        _sessions.Add(session);
    }

    public void Leave(ParticipantId id, LeaveReason reason = LeaveReason.ClientLeft)
    {
        using Lock.Scope scope = _gate.EnterScope();
        Participant participant = _participants.Single(p => p.Id == id);
        End(participant.Tracks, UnpublishReason.ParticipantLeft);
        _participants.RemoveAll(p => p.Id == id);
        Node.RemoveParticipant(Fence, id, reason, "");
        _sessions.RemoveAll(s => s.Participant == id);
        Log(new ParticipantLeft(id, participant.Identity, reason, "", RoomActor.Server), participant.Rights.Hidden);
    }

    public void Mute(TrackId id, bool muted)
    {
        using Lock.Scope scope = _gate.EnterScope();
        Track track = Tracks.Single(t => t.Id == id);
        Change(track.Participant, tracks => [.. tracks.Select(t => t.Id == id ? t with { MutedBy = muted ? MutedBy.Self : null } : t)]);
        Node.SetTrackMuted(Fence, id, muted);
        Log(new TrackMuted(id, track.Participant, muted, MuteReason.Self, RoomActor.Of(track.Participant)), false);
    }

    public void Unpublish(TrackId id)
    {
        using Lock.Scope scope = _gate.EnterScope();
        End([.. Tracks.Where(t => t.Id == id)], UnpublishReason.Unpublished);
    }

    public async Task<PublishOutcome?> PublishAsync(RoomKey room, ParticipantId participant, IReadOnlyList<TrackDraft> drafts, CancellationToken cancellation)
    {
        if (IsDown) return null;
        PublishResult[] results;
        lock (_gate)
        {
            Drafts.AddRange(drafts);
            results = [.. drafts.Select(draft => Publish(participant, draft))];
            BeforeAnswer?.Invoke([.. results.Select(r => r.Track).OfType<Track>()]);
        }

        if (Gate is { } gate) await gate.Task.WaitAsync(cancellation);
        return new PublishOutcome(results);
    }

    public Task<bool> UnpublishAsync(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason, CancellationToken cancellation)
    {
        using Lock.Scope scope = _gate.EnterScope();
        if (IsDown) return Task.FromResult(false);
        End([.. Tracks.Where(t => tracks.Contains(t.Id))], reason);
        return Task.FromResult(true);
    }

    public void Withdraw(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks)
    {
        using Lock.Scope scope = _gate.EnterScope();
        Withdrawn.AddRange(tracks);
        End([.. Tracks.Where(t => tracks.Contains(t.Id))], UnpublishReason.Unpublished);
    }

    /// <summary>Delivers at most so many of the events that wait.</summary>
    public void Deliver(int most = int.MaxValue)
    {
        using Lock.Scope scope = _gate.EnterScope();
        while (most-- > 0 && _undelivered.TryDequeue(out var next)) next.To.OnEvent(next.Entry);
    }

    private PublishResult Publish(ParticipantId id, TrackDraft draft)
    {
        Participant? owner = _participants.Find(p => p.Id == id);
        if (owner is null) return new PublishResult(null, new RoomError(RoomErrorCode.NotFound, "gone"));
        if (!owner.Rights.MayPublish(draft.Source)) return new PublishResult(null, new RoomError(RoomErrorCode.Forbidden, "not allowed"));
        if (owner.Tracks.Count >= TrackLimit) return new PublishResult(null, new RoomError(RoomErrorCode.Limit, "too many"));
        var track = new Track
        {
            Id = new TrackId($"TR_{++_lastId}"),
            Participant = id,
            Kind = draft.Kind,
            Source = draft.Source,
            Name = draft.Name,
            Codec = draft.Codec,
            Simulcast = draft.Simulcast,
        };
        Change(id, tracks => [.. tracks, track]);
        Log(new TrackPublished(track), owner.Rights.Hidden);
        return new PublishResult(track, null);
    }

    private void End(IReadOnlyList<Track> tracks, UnpublishReason reason)
    {
        foreach (Track track in tracks)
        {
            Ended.Add((track.Id, reason));
            Change(track.Participant, left => [.. left.Where(t => t.Id != track.Id)]);
            Node.RemoveTrack(Fence, track.Id);
            Log(new TrackUnpublished(track.Id, track.Participant, reason), false);
        }
    }

    private void Change(ParticipantId id, Func<IReadOnlyList<Track>, IReadOnlyList<Track>> change)
    {
        int index = _participants.FindIndex(p => p.Id == id);
        _participants[index] = _participants[index] with { Tracks = change(_participants[index].Tracks) };
    }

    private void Log(RoomEvent roomEvent, bool isHidden)
    {
        var entry = new LoggedEvent(++_seq, DateTimeOffset.UnixEpoch, isHidden ? EventAudience.BackEnd : EventAudience.Everyone, roomEvent);
        foreach (IMediaSession session in _sessions) _undelivered.Enqueue((session, entry));
        if (!HoldsEvents) Deliver();
    }
}
