using Sfu.Nodes.Recording;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings;

/// <summary>Copies what happens in a recorded room from its log into the recording: who took part, and the timeline. It reads the log's
/// store, not the room: two owners that wait for each other would both stand still.</summary>
internal sealed class RoomLogReader(RoomKey room, RecordingServices services)
{
    private const int Page = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Reads on.</summary>
    /// <returns>True when the room's life that is recorded has ended.</returns>
    public async Task<bool> ReadAsync(RecordingJournal journal, DateTimeOffset now, RecordingState? of = null)
    {
        while ((of ?? journal.Current) is { } state)
        {
            IReadOnlyList<LoggedEvent> events;
            try
            {
                events = await services.RoomLog.ReadAsync(room, state.RoomSeq, Page).WaitAsync(Patience, services.Time);
            }
            catch (Exception e) when (e is RoomStoreException or TimeoutException)
            {
                services.Loggers.CreateLogger<RoomLogReader>().RecordingStoreFailed(e, room);
                return false;
            }

            if (events.Count == 0) return false;
            bool isOver = Copy(journal, events, out RecordingChange change);
            if (await journal.CommitAsync(state, [], now, change) is not null) return false;
            if (isOver) return true;
            of = null;
        }

        return false;
    }

    /// <summary>A participant at the beginning of a recording.</summary>
    public static RecordingParticipant Of(RecordedParticipant participant, DateTimeOffset at) =>
        new(participant.Id, participant.Identity, participant.Name, at, null, participant.State);

    private static bool Copy(RecordingJournal journal, IReadOnlyList<LoggedEvent> events, out RecordingChange change)
    {
        var timeline = new List<TimelineEntry>();
        var participants = new Dictionary<ParticipantId, RecordingParticipant>();
        long last = 0;
        bool isOver = false;
        foreach (LoggedEvent entry in events)
        {
            last = entry.Seq;
            Follow(journal, participants, entry);
            if (entry.Audience != EventAudience.Internal && entry.Event is not RecordingChanged)
                timeline.Add(new TimelineEntry(0, entry.At, RoomJson.Write(entry.Event)));
            isOver = entry.Event is RoomClosed;
            if (isOver) break;
        }

        change = new RecordingChange { RoomSeq = last, RoomSeen = true, Timeline = timeline, Participants = [.. participants.Values] };
        return isOver;
    }

    private static void Follow(RecordingJournal journal, Dictionary<ParticipantId, RecordingParticipant> participants, LoggedEvent entry)
    {
        switch (entry.Event)
        {
            case ParticipantJoined joined:
                participants[joined.Participant.Id] = Of(joined.Participant);
                break;
            case ParticipantAdmitted admitted:
                participants[admitted.Participant.Id] = Of(admitted.Participant);
                break;
            case ParticipantLeft left:
                Change(left.Participant, participant => participant with { LeftAt = entry.At });
                break;
            case ParticipantRecordingChanged changed:
                Change(changed.Participant, participant => participant with { State = changed.State });
                break;
            case RecordingChanged changed:
                foreach (ParticipantRecording one in changed.States) Change(one.Participant, participant => participant with { State = one.State });
                break;
        }

        void Change(ParticipantId id, Func<RecordingParticipant, RecordingParticipant> change)
        {
            if ((participants.GetValueOrDefault(id) ?? journal.Find(id)) is { } known) participants[id] = change(known);
        }
    }

    private static RecordingParticipant Of(Participant participant) =>
        new(participant.Id, participant.Identity, participant.Name, participant.JoinedAt, null, participant.Recording);
}
