using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>Puts the packets of one stream in order, and waits for missing ones as long as it may.</summary>
/// <remarks>Copies packets; nothing is allocated once its largest extent was reached.</remarks>
/// <param name="maxPackets">Packets that wait at most; when as many wait, the hole before them is given up.</param>
/// <param name="maxReorder">A hole is given up when a packet this many numbers later has come.</param>
/// <param name="maxPacketBytes">Longest packet.</param>
internal sealed class ReorderBuffer(int maxPackets, int maxReorder, int maxPacketBytes)
{
    private readonly PacketQueue _queue = new(maxPackets);
    private readonly PacketSlab _slab = new(maxPackets, maxPacketBytes);
    private MediaTime _now;
    private long _next;                                // number of the packet to be taken next
    private bool _isFlushing;
    private bool _givesUp;

    /// <summary>A hole is given up this long after the first packet behind it came.</summary>
    public TimeSpan Hold { get; set; }

    /// <summary>The first packet was passed on: from then on earlier ones are late.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Packets waiting.</summary>
    public int Count => _queue.Count;

    /// <summary>Nothing waits, and nothing more will come.</summary>
    public bool IsDrained => _isFlushing && _queue.Count == 0;

    /// <summary>Numbers given up so far.</summary>
    public long Lost { get; private set; }

    /// <summary>When the hole before the waiting packets will be given up; <see cref="MediaTime.Never"/> when there is none.</summary>
    public MediaTime NextDeadline => _queue.Count == 0 || IsStarted && _queue.First.Sequence == _next ? MediaTime.Never : _queue.First.ReceivedAt + Hold;

    /// <summary>The packet that is next; only after <see cref="TryPassHole"/>.</summary>
    public ref readonly QueuedPacket First => ref _queue.First;

    /// <summary>Tells the time; earlier times than before change nothing.</summary>
    public void SetTime(MediaTime now) => _now = MediaTime.Max(_now, now);

    /// <summary>Nothing more will come, until it does.</summary>
    public void Flush() => _isFlushing = true;

    /// <summary>Gives up what is missing before the first waiting packet, if anything is.</summary>
    public void GiveUp() => _givesUp = _queue.Count > 0 && !(IsStarted && _queue.First.Sequence == _next);

    /// <summary>Tells whether a packet would be taken.</summary>
    public ReorderResult Check(long sequence, int length, MediaTime receivedAt)
    {
        _isFlushing = false;
        SetTime(receivedAt);
        if (length > maxPacketBytes) return ReorderResult.Malformed;
        if (IsStarted && sequence < _next) return ReorderResult.Late;
        if (_queue.Contains(sequence)) return ReorderResult.Duplicate;
        return _queue.IsFull ? ReorderResult.Full : ReorderResult.Stored;
    }

    /// <summary>Takes a packet that <see cref="Check"/> said would be.</summary>
    public void Add(in QueuedPacket packet, ReadOnlySpan<byte> bytes) => _queue.Add(packet with { Place = _slab.Add(bytes) });

    /// <summary>True when the first waiting packet is the next one, or becomes it because what is missing before it is given up.</summary>
    /// <param name="lost">Packets given up just now; -1 when the stream begins here and what was before is not known.</param>
    public bool TryPassHole(out long lost)
    {
        lost = 0;
        if (_queue.Count == 0) return false;
        ref readonly QueuedPacket first = ref _queue.First;
        if (IsStarted && first.Sequence == _next) return true;
        bool isDue = _isFlushing || _givesUp || _queue.IsFull || _now - first.ReceivedAt >= Hold
            || _queue.Last.Sequence - (IsStarted ? _next : first.Sequence) >= maxReorder || !IsStarted && first.IsKeyFrame;
        if (!isDue) return false;
        lost = IsStarted ? first.Sequence - _next : -1;
        Lost += Math.Max(lost, 0);
        IsStarted = true;
        _givesUp = false;
        _next = first.Sequence;
        return true;
    }

    /// <summary>The bytes of a packet at a place.</summary>
    public ReadOnlySpan<byte> BytesAt(int place) => _slab.Read(place, maxPacketBytes);

    /// <summary>Takes the next packet out; its bytes stay until <see cref="Free"/>.</summary>
    public QueuedPacket Take()
    {
        QueuedPacket packet = _queue.First;
        _next = packet.Sequence + 1;
        _queue.RemoveFirst();
        return packet;
    }

    /// <summary>The bytes of a packet that was taken are no longer needed.</summary>
    public void Free(int place) => _slab.Free(place);
}
