using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Recorder.Capture;

/// <summary>How far back a packet's content reaches: redundant audio repeats what earlier packets said.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class MediaReach
{
    private readonly Int128 _opus, _red;

    /// <param name="formats">The track's payload types; those of no redundancy do not matter.</param>
    internal MediaReach(IReadOnlyList<TrackFormat> formats)
    {
        foreach (TrackFormat format in formats)
        {
            Int128 bit = Int128.One << (format.PayloadType & 0x7F);
            if (format.Codec == "opus") _opus |= bit;
            if (format.Codec == "red") _red |= bit;
        }
    }

    /// <summary>Media time of the oldest thing in a packet.</summary>
    /// <param name="packet">A whole RTP packet; hostile.</param>
    /// <param name="timestamp">The oldest time stamp; the packet's own where it cannot be read.</param>
    internal void Oldest(ReadOnlySpan<byte> packet, out uint timestamp)
    {
        timestamp = 0;
        if (RtpHeader.Parse(packet, out RtpHeader header) != DropReason.None) return;
        timestamp = header.Timestamp.Value;
        if (header.TryGetPayload(packet, out int length) != DropReason.None) return;
        ReadOnlySpan<byte> payload = packet.Slice(header.PayloadAt, length);
        if (Has(_red, header.PayloadType)) timestamp -= (uint)OffsetOf(payload);
        else if (Has(_opus, header.PayloadType)) timestamp -= FecOf(payload);
    }

    private static int OffsetOf(ReadOnlySpan<byte> payload)
    {
        int most = 0;
        if (RedPayload.TryParse(payload, out RedPayload red) != DropReason.None) return most;
        while (red.MoveNext(out RedBlock block)) most = Math.Max(most, block.TimestampOffset);
        return most;
    }

    /// <summary>In-band FEC holds the frame before (RFC 6716 section 2.1.7).</summary>
    private static uint FecOf(ReadOnlySpan<byte> payload) =>
        OpusPacket.Parse(payload, out OpusPacket opus) == DropReason.None && !opus.IsDtx && OpusPacket.HasFec(payload) ? opus.SamplesPerFrame : 0u;

    private static bool Has(Int128 types, byte payloadType) => (types >> (payloadType & 0x7F) & 1) != 0;
}
