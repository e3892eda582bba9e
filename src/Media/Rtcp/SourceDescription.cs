using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>Walks the chunks of a source description in place (RFC 3550 section 6.5).</summary>
public ref struct SourceDescription
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    private SourceDescription(ReadOnlySpan<byte> body, int chunks)
    {
        _rest = body;
        _left = chunks;
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.SourceDescription"/> and checks the bounds of every chunk and item.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out SourceDescription description)
    {
        description = default;
        if (packet.Type != RtcpPacketType.SourceDescription) return DropReason.Malformed;
        ReadOnlySpan<byte> rest = packet.Body;
        for (int i = 0; i < packet.Count; i++)
            if (!TakeChunk(ref rest, out _)) return DropReason.Truncated;
        description = new SourceDescription(packet.Body, packet.Count);
        return DropReason.None;
    }

    /// <summary>Goes to the next chunk.</summary>
    public bool MoveNext(out SdesChunk chunk)
    {
        chunk = default;
        return _left-- > 0 && TakeChunk(ref _rest, out chunk);
    }

    private static bool TakeChunk(scoped ref ReadOnlySpan<byte> rest, out SdesChunk chunk)
    {
        chunk = default;
        int at = 4;
        if (at > rest.Length) return false;
        while (at < rest.Length && rest[at] != (byte)SdesItemType.End)
        {
            if (at + 1 >= rest.Length) return false;
            at += 2 + rest[at + 1];
        }
        // The end of the packet ends a chunk too: Firefox leaves the end mark out when its CNAME ends on 32 bits.
        if (at > rest.Length) return false;
        chunk = new SdesChunk(new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(rest)), rest[4..at]);
        rest = rest[Math.Min((at + 4) & ~3, rest.Length)..];                 // one to four zeros end the chunk on 32 bits
        return true;
    }
}
