using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>A list of SSRCs in an RTCP packet, read in place.</summary>
public readonly ref struct SsrcList
{
    private readonly ReadOnlySpan<byte> _ssrcs;

    internal SsrcList(ReadOnlySpan<byte> ssrcs) => _ssrcs = ssrcs;

    /// <summary>Number of SSRCs.</summary>
    public int Count => _ssrcs.Length / 4;

    /// <summary>The SSRC at an index below <see cref="Count"/>.</summary>
    public Ssrc this[int index] => new(BinaryPrimitives.ReadUInt32BigEndian(_ssrcs.Slice(index * 4, 4)));
}
