using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>What the room says about tracks between their publication and the making of their producers: it may come first.</summary>
/// <remarks>Guarded by the room's gate. Keeps something only while a session waits for the room's answer.</remarks>
internal sealed class EarlyNews
{
    private const int Capacity = 1024;
    private readonly Dictionary<TrackId, bool> _muted = [];
    private readonly HashSet<TrackId> _ended = [];
    private int _waiting;

    /// <summary>A session begins to wait.</summary>
    internal void Begin() => _waiting++;

    /// <summary>A session has made its producers; with the last one, everything is forgotten.</summary>
    internal void End()
    {
        if (--_waiting > 0) return;
        _muted.Clear();
        _ended.Clear();
    }

    /// <summary>Keeps a mute; false when nobody waits for it.</summary>
    internal bool TryNoteMuted(TrackId track, bool muted)
    {
        if (_waiting == 0 || _muted.Count >= Capacity) return false;
        _muted[track] = muted;
        return true;
    }

    /// <summary>Keeps an end; false when nobody waits for it.</summary>
    internal bool TryNoteEnded(TrackId track)
    {
        if (_waiting == 0 || _ended.Count >= Capacity) return false;
        _ended.Add(track);
        return true;
    }

    /// <summary>The last mute of a track; null when there was none.</summary>
    internal bool? Muted(TrackId track) => _muted.TryGetValue(track, out bool muted) ? muted : null;

    /// <summary>True when the track ended already.</summary>
    internal bool HasEnded(TrackId track) => _ended.Contains(track);
}
