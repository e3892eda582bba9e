using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>Who speaks in a room whose sound comes in on several workers: each judges its own, here they are put together.</summary>
/// <remarks>Guarded by the room's gate. The dominant speaker stays until it falls silent or its own worker names another; then it is the loudest
/// of those that the workers name.</remarks>
internal sealed class SpeakerBoard
{
    private readonly Dictionary<RoomId, ActiveSpeakersChanged> _latest = [];
    private RoomId _dominantFrom;

    /// <summary>Takes what one worker says, and says what holds for the room.</summary>
    internal ActiveSpeakersChanged Take(ActiveSpeakersChanged news)
    {
        _latest[news.Room] = news;
        if (_latest.Count == 1)
        {
            _dominantFrom = news.Room;
            return news;
        }

        List<SpeakerLevel> speakers = [.. _latest.Values.SelectMany(one => one.Speakers).OrderByDescending(one => one.Level)];
        ProducerId? current = DominantOf(_dominantFrom);
        if (current is null || speakers.Count > 0 && !speakers.Exists(one => one.Producer == current))
        {
            foreach (SpeakerLevel speaker in speakers)
            {
                if (_latest.Values.FirstOrDefault(one => one.Dominant == speaker.Producer) is not { } worker) continue;
                _dominantFrom = worker.Room;
                break;
            }
        }

        return new ActiveSpeakersChanged(news.Room, DominantOf(_dominantFrom), speakers);
    }

    /// <summary>A worker carries the room no longer.</summary>
    internal void Forget(RoomId room) => _latest.Remove(room);

    private ProducerId? DominantOf(RoomId room) => _latest.TryGetValue(room, out ActiveSpeakersChanged? one) ? one.Dominant : null;
}
