using static System.Buffers.Binary.BinaryPrimitives;

namespace Sfu.Recorder.Journal;

/// <summary>Counts what goes into the chunk of one track, stream by stream, and finds duplicates.</summary>
/// <remarks>Owned by the recorder's thread. A track that changes its SSRC again and again holds at most <see cref="MaxStreams"/> of them.</remarks>
internal sealed class SideIndexBuilder
{
    /// <summary>Streams of one track that are remembered; the one unused for longest is forgotten first.</summary>
    internal const int MaxStreams = 256;

    /// <summary>Streams in one chunk.</summary>
    internal const int MaxEntries = 64;

    private readonly Dictionary<uint, StreamWindow> _windows = [];
    private readonly List<SideIndexEntry> _entries = [];
    private int _used;
    private long _uses;

    /// <summary>True when nothing was counted.</summary>
    internal bool IsEmpty => _used == 0;

    /// <summary>Bytes of the index as it is.</summary>
    internal int Size
    {
        get
        {
            if (_used == 0) return 0;
            int size = SideIndex.HeadSize;
            for (int i = 0; i < _used; i++) size += _entries[i].Size;
            return size;
        }
    }

    /// <summary>True when a packet of this stream would need an entry more than there may be.</summary>
    internal bool IsFullFor(uint ssrc) => _used == MaxEntries && Find(ssrc) is null;

    /// <summary>Counts a packet.</summary>
    /// <param name="ssrc">Its stream.</param>
    /// <param name="number">Extended sequence number.</param>
    /// <param name="packet">The packet, at least 12 bytes.</param>
    /// <param name="isRepaired">It came by RTX or FEC.</param>
    /// <param name="isLate">A higher number came before.</param>
    /// <returns>False for one that is there already and must not be stored.</returns>
    internal bool Add(uint ssrc, uint number, ReadOnlySpan<byte> packet, bool isRepaired, out bool isLate)
    {
        SideIndexEntry? entry = Find(ssrc);
        StreamWindow window = entry?.Window ?? WindowOf(ssrc);
        window.LastUse = ++_uses;
        if (!window.Accept(number, out isLate)) return false;
        entry ??= Begin(window);
        entry.Add(number, packet.Length, isRepaired, window.Unwrap(StreamWindow.TimestampOf(packet)));
        return true;
    }

    /// <summary>Packets of a stream stored since it began, over all chunks.</summary>
    internal long StoredOf(uint ssrc) => _windows.TryGetValue(ssrc, out StreamWindow? window) ? window.Stored : 0;

    /// <summary>Writes the index of the chunk.</summary>
    internal void Write(Span<byte> to)
    {
        if (_used == 0) return;
        WriteUInt32LittleEndian(to, (uint)_used);              // u16 entries, u16 0
        int at = SideIndex.HeadSize;
        for (int i = 0; i < _used; i++) at += _entries[i].Write(to[at..]);
    }

    /// <summary>Begins the next chunk.</summary>
    internal void Clear() => _used = 0;

    private SideIndexEntry? Find(uint ssrc)
    {
        for (int i = 0; i < _used; i++)
            if (_entries[i].Window.Ssrc == ssrc) return _entries[i];
        return null;
    }

    private StreamWindow WindowOf(uint ssrc)
    {
        if (!_windows.TryGetValue(ssrc, out StreamWindow? window))
        {
            if (_windows.Count == MaxStreams) ForgetOldest();
            window = new StreamWindow(ssrc);
            _windows.Add(ssrc, window);
        }

        return window;
    }

    private SideIndexEntry Begin(StreamWindow window)
    {
        if (_used == _entries.Count) _entries.Add(new SideIndexEntry());
        SideIndexEntry entry = _entries[_used++];
        entry.Reset(window);
        return entry;
    }

    private void ForgetOldest()
    {
        StreamWindow? oldest = null;
        foreach (StreamWindow window in _windows.Values)
            if (oldest is null || window.LastUse < oldest.LastUse) oldest = window;
        _windows.Remove(oldest!.Ssrc);
    }
}
