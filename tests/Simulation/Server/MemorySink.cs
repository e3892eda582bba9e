using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Simulation.Server;

/// <summary>The worker's outgoing side without a socket: cuts runs apart as the kernel does and checks that they may be cut so.</summary>
internal sealed class MemorySink(Action<TransportAddress, byte[]> send) : IDatagramSink
{
    private const int Capacity = 2 * 1024 * 1024;
    private const int FlushMessages = 64;
    private const int FlushBytes = 256 * 1024;
    private const int MaxSegments = 64;
    private const int MaxDatagram = 1500;

    private readonly byte[] _memory = GC.AllocateArray<byte>(Capacity, pinned: true);
    private readonly List<(TransportAddress To, int At, int Length, int Segment)> _messages = [];
    private int _tail;
    private int _reserved;

    /// <inheritdoc/>
    public bool IsFlushDue => _messages.Count >= FlushMessages || _tail >= FlushBytes;

    /// <inheritdoc/>
    public Span<byte> Reserve(int length)
    {
        Assert.InRange(length, 1, SendSlab.MaxReservation);
        if (length > Capacity - _tail) return default;
        _reserved = length;
        return _memory.AsSpan(_tail, length);
    }

    /// <inheritdoc/>
    public void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        Assert.InRange(length, 1, _reserved);
        int segment = segmentLength == 0 ? length : segmentLength;
        Assert.InRange(segment, 1, MaxDatagram);
        Assert.InRange((length + segment - 1) / segment, 1, MaxSegments);
        Assert.True(segmentLength < length, "a run of one goes without a segment length");
        _messages.Add((to, _tail, length, segment));
        _tail += length;
        _reserved = 0;
    }

    /// <inheritdoc/>
    public bool IsCongested(MediaTime now, in TransportAddress to) => false;

    /// <inheritdoc/>
    public void Flush(MediaTime now)
    {
        foreach ((TransportAddress to, int at, int length, int segment) in _messages)
            for (int offset = 0; offset < length; offset += segment)
                send(to, _memory.AsSpan(at + offset, Math.Min(segment, length - offset)).ToArray());
        _messages.Clear();
        _tail = 0;
    }

    /// <inheritdoc/>
    public void Close(in TransportAddress connection)
    {
    }

    /// <inheritdoc/>
    public void OnAuthenticated(in TransportAddress connection)
    {
    }
}
