using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Producers;

/// <summary>The last packets of one RtpStream, end to end in native memory, found by sequence number: forwarding, retransmission and
/// taps all read from here.</summary>
/// <remarks>
/// Owned by the RtpStream's worker. Memory that was handed to a transport is pinned: before it is overwritten or freed within the same
/// turn, the queue that refers to it is drained. The ring doubles, up to its limit, when going round once takes less than
/// <see cref="Keep"/>: that is bitrate x (round trip + 0.5 s).
/// </remarks>
internal sealed unsafe class PacketRing : IDisposable
{
    /// <summary>Longest packet.</summary>
    internal const int MaxPacket = 1500;

    private const int BytesPerEntry = 256;                 // audio packets are smaller: then the table is what limits the history

    private readonly int _maxBytes;
    private readonly IPayloadFence _fence;
    private NativeBlock _block;
    private Entry[] _entries;
    private long _head;
    private long _openFrom;
    private long _pinFrom;
    private long _pinEpoch = -1;
    private MediaTime _lapStartedAt = MediaTime.Never;
    private MediaTime _reservedAt;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="bytes">First size, a power of two of at least 4,096.</param>
    /// <param name="maxBytes">Size up to which it may double.</param>
    /// <param name="fence">Says when memory handed out is free again.</param>
    internal PacketRing(int bytes, int maxBytes, IPayloadFence fence)
    {
        _maxBytes = maxBytes;
        _fence = fence;
        _block = new NativeBlock(bytes);
        _entries = NewEntries(bytes);
    }

    /// <summary>Size in bytes.</summary>
    internal int Capacity => _block.Length;

    /// <summary>How long packets should stay; 0.5 s plus the longest round trip of a viewer.</summary>
    internal TimeSpan Keep { get; set; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Room for one packet behind the last one; what lies there is forgotten.</summary>
    /// <param name="now">When the packet was received.</param>
    /// <param name="length">Bytes, 1 to <see cref="MaxPacket"/>.</param>
    internal Span<byte> Reserve(MediaTime now, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaxPacket);
        if (_lapStartedAt.IsNever) _lapStartedAt = now;
        int at = (int)(_head % Capacity);
        if (at + length > Capacity)
        {
            _head += Capacity - at;
            if (now - _lapStartedAt < Keep && Capacity < _maxBytes) Grow();
            _lapStartedAt = now;
        }

        if (_pinEpoch == _fence.Epoch && _pinFrom < _head + length - Capacity) Unpin();
        _reservedAt = now;
        return new Span<byte>(_block.Pointer + _head % Capacity, length);
    }

    /// <summary>Keeps the first bytes of the last reservation as a packet.</summary>
    /// <param name="index">Its unwrapped sequence number.</param>
    /// <param name="length">Its length, not more than was reserved.</param>
    internal RingPacket Commit(long index, int length)
    {
        var packet = new RingPacket(_block.Pointer + _head % Capacity, length, index, _head, _reservedAt);
        ref Entry entry = ref Slot(index);
        if (index > entry.Index) entry = new Entry(index, _head, length, _reservedAt);   // a very late packet forgets no newer one
        _head += length;
        return packet;
    }

    /// <summary>Finds a packet by its unwrapped sequence number.</summary>
    internal bool TryGet(long index, out RingPacket packet)
    {
        ref readonly Entry entry = ref Slot(index);
        if (entry.Index != index || entry.Position < _head - Capacity)
        {
            packet = default;
            return false;
        }

        packet = new RingPacket(_block.Pointer + entry.Position % Capacity, entry.Length, index, entry.Position, entry.ReceivedAt);
        return true;
    }

    /// <summary>What is kept up to here may never be sent to anybody for the first time: it came while its producer was closed, or before.</summary>
    internal void Reopen() => _openFrom = _head;

    /// <summary>The packet came after the last <see cref="Reopen"/>.</summary>
    internal bool IsOpen(in RingPacket packet) => packet.Position >= _openFrom;

    /// <summary>Notes that a packet's bytes were just handed to a transport.</summary>
    internal void Pin(in RingPacket packet)
    {
        long epoch = _fence.Epoch;
        if (_pinEpoch != epoch || packet.Position < _pinFrom) _pinFrom = packet.Position;
        _pinEpoch = epoch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pinEpoch == _fence.Epoch) Unpin();
        _block.Dispose();
    }

    private static Entry[] NewEntries(int bytes)
    {
        var entries = new Entry[bytes / BytesPerEntry];
        Array.Fill(entries, new Entry(long.MinValue, 0, 0, default));
        return entries;
    }

    private ref Entry Slot(long index) => ref _entries[index & (_entries.Length - 1)];

    private void Unpin()
    {
        _fence.Drain();
        _pinEpoch = -1;
    }

    private void Grow()
    {
        if (_pinEpoch == _fence.Epoch) Unpin();
        var block = new NativeBlock(Capacity * 2);
        Entry[] entries = NewEntries(block.Length);
        Entry[] old = _entries;
        Array.Sort(old, static (a, b) => a.Position.CompareTo(b.Position));   // age order, so that the oldest goes first again
        long head = 0, openFrom = 0;
        foreach (Entry entry in old)
        {
            if (entry.Index == long.MinValue || entry.Position < _head - Capacity) continue;
            Buffer.MemoryCopy(_block.Pointer + entry.Position % Capacity, block.Pointer + head, block.Length - head, entry.Length);
            entries[entry.Index & (entries.Length - 1)] = entry with { Position = head };
            head += entry.Length;
            if (entry.Position < _openFrom) openFrom = head;
        }

        _openFrom = openFrom;
        _block.Dispose();
        _block = block;
        _entries = entries;
        _head = head;
    }

    private readonly record struct Entry(long Index, long Position, int Length, MediaTime ReceivedAt);
}
