using Sfu.Media.Time;

namespace Sfu.Router.Producers;

/// <summary>One received packet in a <see cref="PacketRing"/>; valid until the ring is written again, and beyond when pinned.</summary>
internal readonly unsafe struct RingPacket
{
    internal RingPacket(byte* data, int length, long index, long position, MediaTime receivedAt)
    {
        Data = data;
        Length = length;
        Index = index;
        Position = position;
        ReceivedAt = receivedAt;
    }

    /// <summary>First byte of the RTP header.</summary>
    internal byte* Data { get; }

    /// <summary>Length of the whole packet in bytes.</summary>
    internal int Length { get; }

    /// <summary>Unwrapped sequence number.</summary>
    internal long Index { get; }

    /// <summary>Bytes written before it in the ring's life.</summary>
    internal long Position { get; }

    /// <summary>When the worker received it.</summary>
    internal MediaTime ReceivedAt { get; }

    /// <summary>The whole packet.</summary>
    internal ReadOnlySpan<byte> Bytes => new(Data, Length);
}
