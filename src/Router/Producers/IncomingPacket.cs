using System.Diagnostics.CodeAnalysis;
using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;

namespace Sfu.Router.Producers;

/// <summary>One received packet on its way to the consumers: authenticated, RTX undone, in the ring, looked into. Valid during the call.</summary>
/// <remarks>Fields, not properties: every consumer reads from them, and a property would copy a hundred bytes each time.</remarks>
internal readonly struct IncomingPacket
{
    /// <summary>Puts together what is known of a packet in the ring.</summary>
    internal IncomingPacket(
        RtpStream stream, in RingPacket ring, in RtpHeader header, CodecFormat format, in ExtensionValues extensions, in PayloadView payload)
    {
        Stream = stream;
        Ring = ring;
        Header = header;
        Format = format;
        Extensions = extensions;
        Payload = payload;
        Picture = new PictureDescriptor(payload.Info);
    }

    /// <summary>The stream it belongs to.</summary>
    internal readonly RtpStream Stream;

    /// <summary>Where it lies.</summary>
    internal readonly RingPacket Ring;

    /// <summary>Its RTP header, as the original packet had it.</summary>
    internal readonly RtpHeader Header;

    /// <summary>What its payload type means.</summary>
    internal readonly CodecFormat Format;

    /// <summary>What its extensions say.</summary>
    internal readonly ExtensionValues Extensions;

    /// <summary>Where its payload is and what it says.</summary>
    internal readonly PayloadView Payload;

    /// <summary>The numbers of its payload descriptor.</summary>
    internal readonly PictureDescriptor Picture;

    /// <summary>What its payload says.</summary>
    [UnscopedRef]
    internal ref readonly PayloadInfo Info => ref Payload.Info;

    /// <summary>Unwrapped sequence number.</summary>
    internal long Index => Ring.Index;

    /// <summary>When the worker received it.</summary>
    internal MediaTime ReceivedAt => Ring.ReceivedAt;

    /// <summary>Looks into a packet that came earlier.</summary>
    /// <returns>False when the packet means nothing any more: its payload type was negotiated away.</returns>
    internal static bool TryRead(RtpStream stream, in RingPacket ring, out IncomingPacket packet)
    {
        packet = default;
        ReadOnlySpan<byte> bytes = ring.Bytes;
        if (RtpHeader.Parse(bytes, out RtpHeader header) != DropReason.None) return false;
        if (stream.Producer.Format(header.PayloadType) is not { } format) return false;
        if (PayloadView.Read(bytes, header, format, out PayloadView payload) != DropReason.None) return false;
        ExtensionValues extensions = ExtensionValues.Read(bytes, header, stream.Producer.Parameters.Extensions);
        packet = new IncomingPacket(stream, ring, header, format, extensions, payload);
        return true;
    }
}
