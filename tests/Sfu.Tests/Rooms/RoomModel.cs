using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>How a room must behave, written down a second time and as plainly as possible: lists, loops and flags. Each operation returns
/// the error it expects, or null.</summary>
internal sealed class RoomModel(Queue<ParticipantId> newParticipants, Queue<TrackId> newTracks)
{
    public const int MostTracks = 3;
    public const int MostWaiting = 2;

    public bool Open { get; private set; }

    public bool Locked { get; private set; }

    public bool Lobby { get; private set; }

    public int Most { get; private set; }

    public string Metadata { get; private set; } = "";

    public DateTimeOffset Now { get; set; }

    public List<Person> People { get; } = [];

    private bool EverJoined { get; set; }

    private DateTimeOffset? EmptySince { get; set; }

    public RoomErrorCode? Create()
    {
        if (Open) return null;
        (Open, Locked, Lobby, Most, Metadata, EverJoined, EmptySince) = (true, false, false, 500, "", false, Now);
        return null;
    }

    public RoomErrorCode? Join(JoinRequest request)
    {
        if (People.Any(p => p.Session == request.Session)) return null;
        if (!Open && !request.MayCreate) return RoomErrorCode.NotFound;
        bool was = Open;
        if (!was) Create();
        Person? old = People.Find(p => p.Identity == request.Identity);
        bool keeps = old is { Waits: false };
        if (Locked && !keeps) return RoomErrorCode.RoomLocked;
        bool waits = Lobby && !keeps && !request.Rights.Admin && !request.Rights.Hidden;
        int others = People.Count(p => p.Waits == waits && p != old);
        if (waits && others >= MostWaiting) return RoomErrorCode.Limit;
        if (!waits && others >= Most) return RoomErrorCode.RoomFull;
        if (old is not null) Remove(old);
        People.Add(new Person(newParticipants.Dequeue(), request) { Waits = waits, Since = Now });
        EverJoined |= !waits && !request.Rights.Recorder;
        if (!request.Rights.Recorder) EmptySince = null;
        return null;
    }

    public RoomErrorCode? Leave(ParticipantId id)
    {
        if (People.Find(p => p.Id == id) is { } person) Remove(person);
        return null;
    }

    public RoomErrorCode? Kick(RoomActor by, ParticipantId id) => May(by) ?? Of(by, id, Remove);

    public RoomErrorCode? Admit(RoomActor by, ParticipantId id)
    {
        if (May(by) is { } error) return error;
        bool full = People.Count(p => !p.Waits) >= Most;
        RoomErrorCode? result = null;
        return Of(by, id, person =>
        {
            if (!person.Waits) return;
            if (full)
            {
                result = RoomErrorCode.RoomFull;
                return;
            }

            person.Waits = false;
            person.Since = Now;
            People.Remove(person);
            People.Add(person);
            EverJoined |= !person.Rights.Recorder;
            if (!person.Rights.Recorder) EmptySince = null;
        }) ?? result;
    }

    public RoomErrorCode? Refuse(RoomActor by, ParticipantId id)
    {
        if (May(by) is { } error) return error;
        RoomErrorCode? result = null;
        return Of(by, id, person =>
        {
            if (person.Waits) Remove(person);
            else result = RoomErrorCode.BadState;
        }) ?? result;
    }

    public RoomErrorCode? Lock(RoomActor by, bool locked)
    {
        if (May(by) is { } error) return error;
        Locked = locked;
        return null;
    }

    public RoomErrorCode? Update(RoomActor by, RoomDraft draft)
    {
        if (May(by) is { } error) return error;
        if (draft.MaxParticipants is < 1 or > 500) return RoomErrorCode.BadRequest;
        (Lobby, Most) = (draft.Lobby ?? Lobby, draft.MaxParticipants ?? Most);
        return null;
    }

    public RoomErrorCode? SetMetadata(RoomActor by, ParticipantId? id, string metadata)
    {
        if (May(by) is { } error) return error;
        if (id is not null) return Of(by, id.Value, person => person.Metadata = metadata);
        Metadata = metadata;
        return null;
    }

    public RoomErrorCode? Delete(RoomActor by)
    {
        if (!Open) return RoomErrorCode.NotFound;
        if (by.Participant is not null) return RoomErrorCode.Forbidden;
        Open = false;
        People.Clear();
        return null;
    }

    public RoomErrorCode?[] Publish(ParticipantId id, IReadOnlyList<TrackDraft> drafts)
    {
        Person? person = Open ? People.Find(p => p.Id == id) : null;
        return [.. drafts.Select(draft =>
        {
            if (person is null) return RoomErrorCode.NotFound;
            if (person.Waits) return RoomErrorCode.BadState;
            if (draft.Source == TrackSource.Camera && draft.Kind == MediaKind.Audio) return RoomErrorCode.BadRequest;
            if (!person.Rights.Publish) return RoomErrorCode.Forbidden;
            if (person.Tracks.Count >= MostTracks) return RoomErrorCode.Limit;
            person.Tracks.Add(new Piece(newTracks.Dequeue(), draft.Kind) { MutedBy = draft.Muted ? MutedBy.Self : null });
            return (RoomErrorCode?)null;
        })];
    }

    public RoomErrorCode? Unpublish(ParticipantId id, TrackId track)
    {
        People.Find(p => p.Id == id)?.Tracks.RemoveAll(t => t.Id == track);
        return null;
    }

    public RoomErrorCode? Mute(RoomActor by, TrackId id, bool muted)
    {
        if (!Open) return RoomErrorCode.NotFound;
        Person? owner = People.Find(p => p.Tracks.Any(t => t.Id == id));
        bool own = owner is not null && owner.Id == by.Participant;
        if (!own && May(by) is { } error) return error;
        if (owner is null || (owner.Rights.Hidden && !own && by.Participant is not null)) return RoomErrorCode.NotFound;
        if (!own && !muted) return RoomErrorCode.Forbidden;
        Piece track = owner.Tracks.Single(t => t.Id == id);
        if (!muted) track.MutedBy = null;
        else track.MutedBy ??= own ? MutedBy.Self : by.Participant is null ? MutedBy.Server : MutedBy.Admin;
        return null;
    }

    public RoomErrorCode? MuteAll(RoomActor by, MediaKind kind)
    {
        if (May(by) is { } error) return error;
        foreach (Piece track in People.Where(p => !p.Rights.Hidden && p.Id != by.Participant).SelectMany(p => p.Tracks).Where(t => t.Kind == kind))
            track.MutedBy ??= by.Participant is null ? MutedBy.Server : MutedBy.Admin;
        return null;
    }

    public RoomErrorCode? Resume(ResumeRequest request)
    {
        Person? person = Open ? People.Find(p => p.Session == request.Session) : null;
        if (person is null || !person.Secrets.Contains(request.SecretHash)) return RoomErrorCode.NotFound;
        person.Secrets = [request.SecretHash, request.NewSecretHash];
        return null;
    }

    public RoomErrorCode? Confirm(SessionId session, string secret)
    {
        Person? person = Open ? People.Find(p => p.Session == session) : null;
        if (person?.Secrets[^1] == secret) person.Secrets = [secret];
        return null;
    }

    public RoomErrorCode? Tick(TimeSpan lobbyTimeout)
    {
        if (!Open) return null;
        if (EmptySince is { } since && Now - since >= TimeSpan.FromSeconds(EverJoined ? 20 : 300))
        {
            Open = false;
            People.Clear();
            return null;
        }

        foreach (Person person in People.Where(p => p.Waits && Now - p.Since >= lobbyTimeout).ToArray()) Remove(person);
        return null;
    }

    private void Remove(Person person)
    {
        People.Remove(person);
        if (People.All(p => p.Rights.Recorder)) EmptySince ??= Now;
    }

    private RoomErrorCode? May(RoomActor by)
    {
        if (!Open) return RoomErrorCode.NotFound;
        if (by.Participant is not { } id) return null;
        if (People.Find(p => p.Id == id) is not { } actor) return RoomErrorCode.NotFound;
        if (actor.Waits) return RoomErrorCode.BadState;
        return actor.Rights.Admin ? null : RoomErrorCode.Forbidden;
    }

    private RoomErrorCode? Of(RoomActor by, ParticipantId id, Action<Person> action)
    {
        if (People.Find(p => p.Id == id) is not { } person) return RoomErrorCode.NotFound;
        if (person.Rights.Hidden && by.Participant is { } actor && actor != id) return RoomErrorCode.NotFound;
        action(person);
        return null;
    }

    internal sealed class Person(ParticipantId id, JoinRequest request)
    {
        public ParticipantId Id { get; } = id;

        public string Identity { get; } = request.Identity;

        public SessionId Session { get; } = request.Session;

        public ParticipantRights Rights { get; } = request.Rights;

        /// <summary>Good ones, newest last.</summary>
        public string[] Secrets { get; set; } = [request.SecretHash];

        public string Metadata { get; set; } = "";

        public bool Waits { get; set; }

        public DateTimeOffset Since { get; set; }

        public List<Piece> Tracks { get; } = [];
    }

    internal sealed class Piece(TrackId id, MediaKind kind)
    {
        public TrackId Id { get; } = id;

        public MediaKind Kind { get; } = kind;

        public MutedBy? MutedBy { get; set; }
    }
}
