using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>FIR, read in place (RFC 5104 section 4.3.1).</summary>
public readonly ref struct FullIntraRequest
{
    private readonly ReadOnlySpan<byte> _entries;

    private FullIntraRequest(ReadOnlySpan<byte> body)
    {
        SenderSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body));
        _entries = body[RtcpFormat.FeedbackHeadSize..];
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.FullIntraRequest"/>; one without entries is malformed.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out FullIntraRequest request)
    {
        request = default;
        if (packet.Kind != RtcpKind.FullIntraRequest) return DropReason.Malformed;
        if (packet.Body.Length < RtcpFormat.FeedbackHeadSize + FirEntry.Size) return DropReason.Truncated;
        if ((packet.Body.Length - RtcpFormat.FeedbackHeadSize) % FirEntry.Size != 0) return DropReason.Malformed;
        request = new FullIntraRequest(packet.Body);
        return DropReason.None;
    }

    /// <summary>Who asks.</summary>
    public Ssrc SenderSsrc { get; }

    /// <summary>Number of streams asked for; at least 1.</summary>
    public int Count => _entries.Length / FirEntry.Size;

    /// <summary>The entry at an index below <see cref="Count"/>.</summary>
    public FirEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(index * FirEntry.Size, FirEntry.Size);
            return new FirEntry(new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(entry)), entry[4]);
        }
    }
}
