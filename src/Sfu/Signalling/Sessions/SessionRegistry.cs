using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>The sessions of this node: by their ids for resuming, by room for data messages. Safe on any thread.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionId, Session> _sessions = new();
    private readonly Dictionary<RoomKey, Dictionary<ParticipantId, IRoomMember>> _rooms = [];
    private readonly Lock _gate = new();

    /// <summary>The WebSocket sessions there are now.</summary>
    public IEnumerable<Session> Sessions => _sessions.Values;

    /// <summary>Makes a session known for resuming.</summary>
    public void Add(Session session) => _sessions[session.Id] = session;

    /// <summary>Finds a session to resume.</summary>
    public bool TryFind(SessionId id, [NotNullWhen(true)] out Session? session) => _sessions.TryGetValue(id, out session);

    /// <summary>The session is over.</summary>
    public void Remove(Session session) => _sessions.TryRemove(new(session.Id, session));

    /// <summary>A participant is in a room.</summary>
    public void Enter(RoomKey room, IRoomMember member)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out Dictionary<ParticipantId, IRoomMember>? members)) _rooms[room] = members = [];
            members[member.ParticipantId] = member;
        }
    }

    /// <summary>A participant is in the room no more.</summary>
    public void Exit(RoomKey room, IRoomMember member)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out Dictionary<ParticipantId, IRoomMember>? members)) return;
            if (members.TryGetValue(member.ParticipantId, out IRoomMember? present) && present == member) members.Remove(member.ParticipantId);
            if (members.Count == 0) _rooms.Remove(room);
        }
    }

    /// <summary>The members of a room that get a message.</summary>
    /// <param name="room">The room.</param>
    /// <param name="from">Who sends: it gets nothing.</param>
    /// <param name="to">To whom; null = everybody.</param>
    /// <param name="receivers">Those who get it.</param>
    /// <returns>False when somebody in <paramref name="to"/> is not there, or is hidden.</returns>
    public bool TryFindReceivers(RoomKey room, ParticipantId from, IReadOnlyList<ParticipantId>? to, out List<IRoomMember> receivers)
    {
        receivers = [];
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room, out Dictionary<ParticipantId, IRoomMember>? members)) return to is null;
            if (to is null)
            {
                foreach (IRoomMember member in members.Values)
                {
                    if (member.ParticipantId != from) receivers.Add(member);
                }

                return true;
            }

            foreach (ParticipantId id in to)
            {
                if (!members.TryGetValue(id, out IRoomMember? member) || member.IsHidden) return false;
                if (!receivers.Contains(member)) receivers.Add(member);
            }

            return true;
        }
    }
}

/// <summary>A participant on this node that data messages can be sent to.</summary>
internal interface IRoomMember
{
    /// <summary>Who it is.</summary>
    ParticipantId ParticipantId { get; }

    /// <summary>It appears nowhere; messages to everybody reach it all the same.</summary>
    bool IsHidden { get; }

    /// <summary>Sends a frame over its socket, if it has one; never blocks.</summary>
    void Deliver(ReadOnlyMemory<byte> frame);
}
