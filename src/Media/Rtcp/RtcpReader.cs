using System.Buffers.Binary;

namespace Sfu.Media.Rtcp;

/// <summary>Walks the packets of one RTCP datagram in place, compound or reduced-size (RFC 3550 section 6.1, RFC 5506).</summary>
/// <remarks>The frame of the whole datagram is checked by <see cref="Open"/>, before anyone acts on its first packet: one that
/// lies about a length is refused as a whole (RFC 3550 appendix A.2). The bodies are checked by the typed readers.</remarks>
public ref struct RtcpReader
{
    private ReadOnlySpan<byte> _rest;

    private RtcpReader(ReadOnlySpan<byte> datagram) => _rest = datagram;

    /// <summary>Checks version, lengths and padding of every packet.</summary>
    /// <param name="datagram">One datagram, already unprotected; its content is still hostile.</param>
    /// <param name="reader">At the first packet; valid only for <see cref="DropReason.None"/>.</param>
    public static DropReason Open(ReadOnlySpan<byte> datagram, out RtcpReader reader)
    {
        reader = default;
        if (datagram.IsEmpty) return DropReason.Truncated;
        for (ReadOnlySpan<byte> rest = datagram; !rest.IsEmpty;)
        {
            DropReason reason = Take(ref rest, out _);
            if (reason != DropReason.None) return reason;
        }
        reader = new RtcpReader(datagram);
        return DropReason.None;
    }

    /// <summary>Goes to the next packet; false at the end.</summary>
    public bool MoveNext(out RtcpPacket packet)
    {
        packet = default;
        return !_rest.IsEmpty && Take(ref _rest, out packet) == DropReason.None;
    }

    private static DropReason Take(scoped ref ReadOnlySpan<byte> rest, out RtcpPacket packet)
    {
        packet = default;
        if (rest.Length < RtcpFormat.HeadSize) return DropReason.Truncated;
        if (rest[0] >> 6 != 2) return DropReason.BadVersion;
        int size = RtcpFormat.HeadSize + 4 * BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (size > rest.Length) return DropReason.Truncated;
        ReadOnlySpan<byte> body = rest[RtcpFormat.HeadSize..size];
        if ((rest[0] & 0x20) != 0)
        {
            // Any packet may be padded, not the last one only: libwebrtc pads transport-cc feedback to 32 bits wherever it stands.
            if (body.IsEmpty) return DropReason.BadPadding;
            int padding = body[^1];
            if (padding == 0 || padding > body.Length) return DropReason.BadPadding;
            body = body[..^padding];
        }
        packet = new RtcpPacket((RtcpPacketType)rest[1], (byte)(rest[0] & 0x1F), rest[..(RtcpFormat.HeadSize + body.Length)]);
        rest = rest[size..];
        return DropReason.None;
    }
}
