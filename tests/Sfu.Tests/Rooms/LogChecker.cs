using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>Reads a log without knowing how rooms work and finds what must never be in it.</summary>
internal static class LogChecker
{
    public static void Check(IReadOnlyList<LoggedEvent> log)
    {
        var everyId = new HashSet<string>();
        var present = new HashSet<ParticipantId>();
        var tracks = new Dictionary<TrackId, ParticipantId>();
        bool open = false;
        for (int i = 0; i < log.Count; i++)
        {
            Require(log[i].Seq == i + 1, $"number {log[i].Seq} at place {i + 1}");
            RoomEvent roomEvent = log[i].Event;
            Require(open == roomEvent is not RoomCreated, $"{roomEvent} while {(open ? "open" : "closed")}");
            switch (roomEvent)
            {
                case RoomCreated created:
                    open = everyId.Add(created.RoomId);
                    Require(open, "room id used again");
                    break;
                case RoomClosed:
                    Require(present.Count == 0 && tracks.Count == 0, "closed with somebody in it");
                    open = false;
                    break;
                case ParticipantWaiting e:
                    Require(everyId.Add(e.Participant.Id.Value) && present.Add(e.Participant.Id), "waits after it was there");
                    break;
                case ParticipantJoined e:
                    Require(everyId.Add(e.Participant.Id.Value) && present.Add(e.Participant.Id), "joins after it was there");
                    break;
                case ParticipantAdmitted e:
                    Require(present.Contains(e.Participant.Id), "admitted but not there");
                    break;
                case ParticipantLeft e:
                    Require(!tracks.ContainsValue(e.Participant), "left with tracks");
                    Require(present.Remove(e.Participant), "left but was not there");
                    break;
                case TrackPublished e:
                    Require(present.Contains(e.Track.Participant) && everyId.Add(e.Track.Id.Value), "publishes but is not there");
                    tracks.Add(e.Track.Id, e.Track.Participant);
                    break;
                case TrackMuted e:
                    Require(tracks[e.Track] == e.Participant, "mutes a track of nobody");
                    break;
                case TrackUnpublished e:
                    Require(tracks.Remove(e.Track, out ParticipantId owner) && owner == e.Participant, "ends a track of nobody");
                    break;
                case SessionResumed e:
                    Require(present.Contains(e.Participant), "resumes but is not there");
                    break;
                case SessionConfirmed e:
                    Require(present.Contains(e.Participant), "confirms but is not there");
                    break;
            }
        }
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition) throw new InvalidOperationException(problem);
    }
}
