using System.Collections.Immutable;
using Sfu.Recordings;

namespace Sfu.Rooms;

/// <summary>All that a room knows, at one number of its log: the fold of the events up to it. Immutable.</summary>
/// <remarks>Events are the only way it changes. An event that cannot follow (a join after the close, a second leave) is a broken invariant
/// and throws: the decision that made it is wrong, and it must not reach the log.</remarks>
internal sealed record RoomState
{
    /// <summary>Which room.</summary>
    public required RoomKey Key { get; init; }

    /// <summary>Number of the last event that is contained; 0 before the first.</summary>
    public long Seq { get; init; }

    /// <summary>Id of the present life, or empty while the room is not open.</summary>
    public string RoomId { get; init; } = "";

    /// <summary>Settings of the present life; null while the room is not open.</summary>
    public RoomSettings? Settings { get; init; }

    /// <summary>New participants are refused.</summary>
    public bool Locked { get; init; }

    /// <summary>When the present life began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when nobody but recorders is in the room or the lobby; null while somebody is.</summary>
    public DateTimeOffset? EmptySince { get; init; }

    /// <summary>Somebody other than a recorder joined in this life.</summary>
    public bool EverJoined { get; init; }

    /// <summary>Those in the room, oldest first.</summary>
    public ImmutableArray<Participant> Joined { get; init; } = [];

    /// <summary>Those in the lobby, oldest first.</summary>
    public ImmutableArray<Participant> Waiting { get; init; } = [];

    /// <summary>The room's recording; null when there was none in this life.</summary>
    public RoomRecording? Recording { get; init; }

    /// <summary>The room exists.</summary>
    public bool IsOpen => RoomId.Length > 0;

    /// <summary>Those in the room and those in the lobby.</summary>
    public ImmutableArray<Participant> Everybody => Joined.AddRange(Waiting); // the joined ones themselves while nobody waits: asked each second

    /// <summary>The participant in the room or the lobby, or null.</summary>
    public Participant? Find(ParticipantId id) => Find(participant => participant.Id == id);

    /// <summary>Whom a session speaks for, or null.</summary>
    public Participant? Find(SessionId session) => Find(participant => participant.Session == session);

    /// <summary>Who has an identity now, or null.</summary>
    public Participant? FindIdentity(string identity) => Find(participant => participant.Identity == identity);

    /// <summary>A track and its owner, or nulls.</summary>
    public (Participant? Owner, Track? Track) Find(TrackId id)
    {
        foreach (Participant owner in Joined)
        {
            foreach (Track track in owner.Tracks)
            {
                if (track.Id == id) return (owner, track);
            }
        }

        return (null, null);
    }

    /// <summary>The room as directories and back ends see it; only while open.</summary>
    public RoomInfo ToInfo() => new(
        Key, RoomId, Settings ?? throw NotOpen(), Locked, CreatedAt, Joined.Count(participant => !participant.Rights.Hidden), Waiting.Length)
    {
        Recording = Recording,
    };

    /// <summary>The room and all who are in it; only while open.</summary>
    public RoomSnapshot ToSnapshot() => new(ToInfo(), Joined.ToArray(), Waiting.ToArray(), Seq);

    /// <summary>The state after one more event, whose number must be the next one.</summary>
    public RoomState Apply(LoggedEvent entry)
    {
        if (entry.Seq != Seq + 1) throw new InvalidOperationException($"event {entry.Seq} cannot follow {Seq} in {Key}");
        RoomState next = entry.Event is RoomCreated created ? Create(created, entry.At) : ApplyOpen(entry.Event, entry.At);
        return next with { Seq = entry.Seq };
    }

    private RoomState Create(RoomCreated created, DateTimeOffset at)
    {
        if (IsOpen) throw new InvalidOperationException($"{Key} is open already");
        return new RoomState
        {
            Key = Key,
            RoomId = created.RoomId,
            Settings = created.Settings,
            CreatedAt = at,
            EmptySince = at,
        };
    }

    private RoomState ApplyOpen(RoomEvent roomEvent, DateTimeOffset at)
    {
        if (!IsOpen) throw NotOpen();
        return roomEvent switch
        {
            RoomUpdated updated => this with { Settings = updated.Settings },
            RoomLocked locked => this with { Locked = locked.Locked },
            RoomClosed => Close(),
            ParticipantWaiting waiting => Enter(waiting.Participant),
            ParticipantJoined joined => Enter(joined.Participant),
            ParticipantAdmitted admitted => Remove(admitted.Participant.Id, at).Enter(admitted.Participant),
            ParticipantLeft left => Remove(left.Participant, at),
            SessionResumed resumed => Change(resumed.Participant, p => p with
            {
                SecretHash = resumed.SecretHash,
                PreviousSecretHash = resumed.ShownHash,
                Node = resumed.Node,
            }),
            SessionConfirmed confirmed => Change(confirmed.Participant, p => p with { PreviousSecretHash = "" }),
            TrackPublished published => Publish(published.Track),
            TrackUpdated updated => ChangeTrack(updated.Track.Participant, updated.Track.Id, _ => updated.Track),
            TrackMuted muted => ChangeTrack(muted.Participant, muted.Track, track => track with { MutedBy = MutedByOf(muted) }),
            TrackUnpublished gone => ChangeTrack(gone.Participant, gone.Track, _ => null),
            MetadataChanged { Participant: null } changed => this with { Settings = Settings! with { Metadata = changed.Metadata } },
            MetadataChanged changed => Change(
                changed.Participant.Value, p => p with { Metadata = changed.Metadata, Name = changed.Name ?? p.Name }),
            RecordingChanged changed => Record(changed),
            ParticipantRecordingChanged changed => Change(
                changed.Participant, p => p with { RecordingPolicy = changed.Policy, Consent = changed.Consent, Recording = changed.State }),
            _ => throw new InvalidOperationException($"unknown event {roomEvent.GetType().Name}"),
        };
    }

    private RoomState Close()
    {
        if (Joined.Length + Waiting.Length > 0) throw new InvalidOperationException($"{Key} cannot close with participants in it");
        return new RoomState { Key = Key };
    }

    private RoomState Record(RecordingChanged changed)
    {
        RoomState next = this with { Recording = changed.Recording };
        foreach (ParticipantRecording one in changed.States) next = next.Change(one.Participant, p => p with { Recording = one.State });
        return next;
    }

    private RoomState Enter(Participant participant)
    {
        if (FindIdentity(participant.Identity) is not null || Find(participant.Id) is not null)
            throw new InvalidOperationException($"{participant.Id} is in {Key} already");
        bool counts = !participant.Rights.Recorder;
        bool joins = participant.State == ParticipantState.Joined;
        return this with
        {
            Joined = joins ? Joined.Add(participant) : Joined,
            Waiting = joins ? Waiting : Waiting.Add(participant),
            EmptySince = counts ? null : EmptySince,
            EverJoined = EverJoined || (joins && counts),
        };
    }

    private RoomState Remove(ParticipantId id, DateTimeOffset at)
    {
        Participant participant = Find(id) ?? throw Unknown(id);
        if (participant.Tracks.Count > 0) throw new InvalidOperationException($"{id} cannot leave with published tracks");
        RoomState next = this with { Joined = Joined.Remove(participant), Waiting = Waiting.Remove(participant) };
        bool empty = next.Everybody.All(other => other.Rights.Recorder);
        return next with { EmptySince = empty ? EmptySince ?? at : null };
    }

    private RoomState Publish(Track track) => Change(track.Participant, owner =>
    {
        if (owner.State != ParticipantState.Joined || Find(track.Id).Track is not null)
            throw new InvalidOperationException($"{owner.Id} cannot publish {track.Id}");
        return owner with { Tracks = owner.Tracks.Append(track).ToArray() };
    });

    private RoomState Change(ParticipantId id, Func<Participant, Participant> change)
    {
        Participant old = Find(id) ?? throw Unknown(id);
        return old.State == ParticipantState.Joined
            ? this with { Joined = Joined.Replace(old, change(old)) }
            : this with { Waiting = Waiting.Replace(old, change(old)) };
    }

    private RoomState ChangeTrack(ParticipantId owner, TrackId id, Func<Track, Track?> change) => Change(owner, participant =>
    {
        if (!participant.Tracks.Any(track => track.Id == id)) throw new InvalidOperationException($"{owner} has no track {id}");
        return participant with { Tracks = participant.Tracks.Select(track => track.Id == id ? change(track) : track).OfType<Track>().ToArray() };
    });

    private static MutedBy? MutedByOf(TrackMuted muted) => (muted.Muted, muted.Reason) switch
    {
        (false, _) => null,
        (true, MuteReason.Self) => MutedBy.Self,
        (true, MuteReason.Server) => MutedBy.Server,
        (true, _) => muted.By.Participant is null ? MutedBy.Server : MutedBy.Admin,
    };

    private Participant? Find(Func<Participant, bool> wanted)
    {
        foreach (Participant participant in Joined)
        {
            if (wanted(participant)) return participant;
        }

        foreach (Participant participant in Waiting)
        {
            if (wanted(participant)) return participant;
        }

        return null;
    }

    private InvalidOperationException NotOpen() => new($"{Key} is not open");

    private InvalidOperationException Unknown(ParticipantId id) => new($"{id} is not in {Key}");
}
