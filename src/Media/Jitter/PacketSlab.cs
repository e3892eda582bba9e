namespace Sfu.Media.Jitter;

/// <summary>Places for packets that wait: equal ones, in blocks made when they are first needed and kept.</summary>
/// <param name="maxPackets">Places at most; one more is kept for the packet that was taken last.</param>
/// <param name="packetBytes">Bytes in each.</param>
internal sealed class PacketSlab(int maxPackets, int packetBytes)
{
    private const int BlockPackets = 32;
    private readonly byte[]?[] _blocks = new byte[(maxPackets + BlockPackets) / BlockPackets][];
    private readonly int[] _free = new int[maxPackets + 1];
    private int _freeCount;
    private int _made;

    /// <summary>Copies a packet to a free place.</summary>
    /// <param name="packet">At most as long as a place.</param>
    /// <returns>The place; there is always one for an owner that keeps to the number of places.</returns>
    public int Add(ReadOnlySpan<byte> packet)
    {
        int place = _freeCount > 0 ? _free[--_freeCount] : _made++;
        ref byte[]? block = ref _blocks[place / BlockPackets];
        block ??= new byte[BlockPackets * packetBytes];
        packet.CopyTo(block.AsSpan(place % BlockPackets * packetBytes));
        return place;
    }

    /// <summary>The packet at a place.</summary>
    public ReadOnlySpan<byte> Read(int place, int length) => _blocks[place / BlockPackets].AsSpan(place % BlockPackets * packetBytes, length);

    /// <summary>Frees a place.</summary>
    public void Free(int place) => _free[_freeCount++] = place;
}
