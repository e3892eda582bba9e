using Sfu.Media.Time;

namespace Sfu.Simulation.Clients;

/// <summary>Shows frames as a decoder could: whole, in order, from a key frame on; after a hole it waits for the next key frame or the repair.</summary>
internal sealed class FrameFollower
{
    private readonly SortedDictionary<long, (bool Marker, bool IsStart, bool IsKey, bool IsEmpty)> _waiting = [];
    private long _next = long.MinValue;

    /// <summary>Frames shown.</summary>
    internal int Decoded { get; private set; }

    /// <summary>When the first was shown; never before.</summary>
    internal MediaTime FirstDecodedAt { get; private set; } = MediaTime.Never;

    /// <summary>When the last was shown.</summary>
    internal MediaTime LastDecodedAt { get; private set; }

    /// <summary>Longest time between two.</summary>
    internal TimeSpan LongestFreeze { get; private set; }

    /// <summary>Takes a packet, in any order.</summary>
    internal void OnPacket(MediaTime now, long sequence, bool marker, bool isStart, bool isKey, bool isEmpty)
    {
        if (sequence < _next) return;
        _waiting[sequence] = (marker, isStart, isKey, isEmpty);
        if (_next == long.MinValue && isKey) _next = sequence;
        while (TryShow(now))
        {
        }

        SkipToKeyFrame();
    }

    /// <summary>Shows the next frame if it is whole.</summary>
    private bool TryShow(MediaTime now)
    {
        if (_next == long.MinValue) return false;
        for (long at = _next; _waiting.TryGetValue(at, out (bool Marker, bool IsStart, bool IsKey, bool IsEmpty) packet); at++)
        {
            if (packet.IsEmpty && at == _next)
            {
                _waiting.Remove(at);
                _next++;
                return true;
            }

            if (at != _next && packet.IsKey)
            {
                CutOff(at);                                // a mute fell into the frame before: its end never comes
                return true;
            }

            Assert.Equal(at == _next, packet.IsStart);
            if (!packet.Marker) continue;
            for (long used = _next; used <= at; used++) _waiting.Remove(used);
            _next = at + 1;
            Show(now);
            return true;
        }

        return false;
    }

    private void CutOff(long keyFrame)
    {
        for (long used = _next; used < keyFrame; used++) _waiting.Remove(used);
        _next = keyFrame;
    }

    private void Show(MediaTime now)
    {
        Decoded++;
        if (FirstDecodedAt.IsNever) FirstDecodedAt = now;
        else if (now - LastDecodedAt > LongestFreeze) LongestFreeze = now - LastDecodedAt;
        LastDecodedAt = now;
    }

    /// <summary>A whole key frame behind a hole ends the wait for the hole.</summary>
    private void SkipToKeyFrame()
    {
        long key = long.MinValue;
        foreach ((long sequence, (bool _, bool _, bool isKey, bool _)) in _waiting)
            if (isKey && sequence > _next && IsWhole(sequence)) key = sequence;
        if (key == long.MinValue) return;
        foreach (long old in _waiting.Keys.Where(sequence => sequence < key).ToArray()) _waiting.Remove(old);
        _next = key;
    }

    private bool IsWhole(long sequence)
    {
        for (; _waiting.TryGetValue(sequence, out (bool Marker, bool IsStart, bool IsKey, bool IsEmpty) packet); sequence++)
            if (packet.Marker) return true;
        return false;
    }
}
