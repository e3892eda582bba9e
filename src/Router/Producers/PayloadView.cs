using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Router.Producers;

/// <summary>Where the payload of a packet lies and what it says. Offsets are in bytes from the packet's start.</summary>
internal readonly struct PayloadView
{
    private PayloadView(int at, int length, int primaryAt, in PayloadInfo info)
    {
        At = at;
        Length = length;
        PrimaryAt = primaryAt;
        Info = info;
    }

    /// <summary>Where the payload begins; for RED as it is on the wire.</summary>
    internal readonly int At;

    /// <summary>Its length without padding.</summary>
    internal readonly int Length;

    /// <summary>Where the primary block of RED begins; else as <see cref="At"/>.</summary>
    internal readonly int PrimaryAt;

    /// <summary>What the payload (of RED: the primary block) says.</summary>
    internal readonly PayloadInfo Info;

    /// <summary>Looks into a packet.</summary>
    /// <param name="packet">The plain packet; hostile.</param>
    /// <param name="header">Its header.</param>
    /// <param name="format">What its payload type means.</param>
    /// <param name="view">Valid only for <see cref="DropReason.None"/>; a length of 0 is padding only.</param>
    internal static DropReason Read(ReadOnlySpan<byte> packet, in RtpHeader header, CodecFormat format, out PayloadView view)
    {
        view = default;
        DropReason reason = header.TryGetPayload(packet, out int length);
        if (reason != DropReason.None || length == 0) return reason;
        ReadOnlySpan<byte> payload = packet.Slice(header.PayloadAt, length);
        int primaryAt = header.PayloadAt;
        MediaCodec codec = format.Codec;
        if (codec == MediaCodec.Red)
        {
            reason = RedPayload.TryParse(payload, out RedPayload red);
            if (reason != DropReason.None) return reason;
            payload = red.Primary.Data;                    // the last of the blocks
            primaryAt = header.PayloadAt + length - payload.Length;
            codec = MediaCodec.Opus;
        }

        reason = PayloadInspector.Inspect(codec, payload, header.Marker, out PayloadInfo info);
        if (reason == DropReason.None) view = new PayloadView(header.PayloadAt, length, primaryAt, info);
        return reason;
    }
}
