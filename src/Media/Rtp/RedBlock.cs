namespace Sfu.Media.Rtp;

/// <summary>One block of a RED payload, in place (RFC 2198 section 3).</summary>
public readonly ref struct RedBlock
{
    internal RedBlock(byte payloadType, int timestampOffset, ReadOnlySpan<byte> data)
    {
        PayloadType = payloadType;
        TimestampOffset = timestampOffset;
        Data = data;
    }

    /// <summary>0 to 127.</summary>
    public byte PayloadType { get; }

    /// <summary>How much older than the packet's time stamp the block is, in ticks of the RTP clock: 0 to 16,383; 0 for the primary.</summary>
    public int TimestampOffset { get; }

    /// <summary>The block's payload; may be empty, which says "nothing at that time".</summary>
    public ReadOnlySpan<byte> Data { get; }
}
