using System.Diagnostics.CodeAnalysis;
using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>Who is in a room, once for all its sessions on this node: a map in each session would grow with the square of the room.</summary>
/// <remarks>Guarded by the room's gate. Every session gives it every event of the log, in order, each at its own pace: what another session
/// has given already is known by its number. So it is as new as the session that is furthest; one that is behind finds somebody missing
/// only if its own events are about to say that he left.</remarks>
internal sealed class RoomPeople
{
    private readonly Dictionary<ParticipantId, Participant> _people = [];
    private long _seq = -1;

    /// <summary>How many there are.</summary>
    internal int Count => _people.Count;

    /// <summary>Takes what a new session was told when it joined, unless an older session knows more.</summary>
    internal void Take(RoomSnapshot snapshot)
    {
        if (snapshot.Seq < _seq) return;
        _seq = snapshot.Seq;
        _people.Clear();
        foreach (Participant participant in snapshot.Participants) _people[participant.Id] = participant;
    }

    /// <summary>Takes an event of the log; one that is known already changes nothing.</summary>
    internal void Take(LoggedEvent entry)
    {
        if (entry.Seq <= _seq) return;
        _seq = entry.Seq;
        switch (entry.Event)
        {
            case ParticipantJoined joined:
                _people[joined.Participant.Id] = joined.Participant;
                break;
            case ParticipantAdmitted admitted:
                _people[admitted.Participant.Id] = admitted.Participant;
                break;
            case ParticipantLeft left:
                _people.Remove(left.Participant);
                break;
        }
    }

    /// <summary>Finds somebody who is there.</summary>
    internal bool TryFind(ParticipantId id, [NotNullWhen(true)] out Participant? participant) => _people.TryGetValue(id, out participant);
}
