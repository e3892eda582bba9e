namespace Sfu.Media.Jitter;

/// <summary>Packets in the order of their numbers, at most a fixed number of them.</summary>
/// <remarks>A ring that is sorted by insertion from its end: packets come nearly in order, so that few are moved.</remarks>
internal sealed class PacketQueue(int capacity)
{
    private readonly QueuedPacket[] _packets = new QueuedPacket[capacity];
    private int _start;

    /// <summary>Packets waiting.</summary>
    public int Count { get; private set; }

    /// <summary>No further packet fits.</summary>
    public bool IsFull => Count == _packets.Length;

    /// <summary>The packet with the lowest number; only when there is one.</summary>
    public ref readonly QueuedPacket First => ref _packets[_start];

    /// <summary>The packet with the highest number; only when there is one.</summary>
    public ref readonly QueuedPacket Last => ref At(Count - 1);

    /// <summary>True when a packet has this number.</summary>
    public bool Contains(long sequence) => FindPlace(sequence) is var at && at > 0 && At(at - 1).Sequence == sequence;

    /// <summary>Adds a packet; not when full, nor one whose number is there.</summary>
    public void Add(in QueuedPacket packet)
    {
        int at = FindPlace(packet.Sequence);
        for (int i = Count; i > at; i--) At(i) = At(i - 1);
        At(at) = packet;
        Count++;
    }

    /// <summary>Removes the packet with the lowest number.</summary>
    public void RemoveFirst()
    {
        _start = (_start + 1) % _packets.Length;
        Count--;
    }

    /// <summary>The waiting packet at an index, in order.</summary>
    public ref QueuedPacket At(int index) => ref _packets[(_start + index) % _packets.Length];

    // Behind the last packet whose number is not higher.
    private int FindPlace(long sequence)
    {
        if (Count == 0 || At(Count - 1).Sequence <= sequence) return Count;
        int low = 0, high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (At(middle).Sequence <= sequence) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
