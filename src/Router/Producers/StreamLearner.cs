using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Router.Rooms;

namespace Sfu.Router.Producers;

/// <summary>Finds out what an unknown SSRC of an authenticated packet is: by MID and RID, by the SSRCs of the offer, or by payload type
/// (RFC 8843 section 9.2; GStreamer writes no MID).</summary>
/// <remarks>Stateless. An encoding that gets another SSRC gets another stream; SRTP keeps state for 64 SSRCs, which bounds how often.</remarks>
internal static class StreamLearner
{
    /// <summary>Finds where an unknown SSRC belongs.</summary>
    /// <param name="transport">Who sent it.</param>
    /// <param name="packet">The plain packet.</param>
    /// <param name="header">Its header.</param>
    /// <param name="place">Valid only for <see cref="DropReason.None"/>.</param>
    internal static DropReason TryPlace(RoutedTransport transport, ReadOnlySpan<byte> packet, in RtpHeader header, out StreamPlace place)
    {
        place = default;
        Producer? producer = FindByMid(transport, packet, header, out ExtensionValues extensions, out bool isOtherMid)
            ?? FindByListedSsrc(transport, header.Ssrc);
        if (producer is null)
        {
            if (isOtherMid) return DropReason.UnknownSsrc;
            producer = FindByPayloadType(transport, header.PayloadType);
            if (producer is null) return DropReason.UnknownSsrc;
            extensions = ExtensionValues.Read(packet, header, producer.Parameters.Extensions);
        }

        return Place(producer, packet, header, extensions, out place);
    }

    private static DropReason Place(
        Producer producer, ReadOnlySpan<byte> packet, in RtpHeader header, in ExtensionValues extensions, out StreamPlace place)
    {
        CodecFormat? format = producer.Format(header.PayloadType), repaired = producer.RepairedFormat(header.PayloadType);
        place = default;
        if (format is null && repaired is null) return DropReason.UnknownPayloadType;
        bool isRtx = format is null;
        int encoding = FindEncoding(producer, header.Ssrc, isRtx, isRtx ? extensions.RepairedRid(packet) : extensions.Rid(packet));
        if (encoding < 0) return DropReason.UnknownSsrc;
        place = new StreamPlace(producer, encoding, isRtx, (format ?? repaired)!);
        return DropReason.None;
    }

    private static Producer? FindByMid(
        RoutedTransport transport, ReadOnlySpan<byte> packet, in RtpHeader header, out ExtensionValues extensions, out bool isOtherMid)
    {
        isOtherMid = false;
        extensions = default;
        foreach (Producer producer in transport.Producers)
        {
            extensions = ExtensionValues.Read(packet, header, producer.Parameters.Extensions);
            ReadOnlySpan<byte> mid = extensions.Mid(packet);
            if (mid.IsEmpty) continue;
            if (mid.SequenceEqual(producer.Mid)) return producer;
            isOtherMid = true;
        }

        return null;
    }

    private static Producer? FindByListedSsrc(RoutedTransport transport, Ssrc ssrc)
    {
        foreach (Producer producer in transport.Producers)
            foreach (var encoding in producer.Parameters.Encodings)
                if (encoding.Ssrc == ssrc || encoding.RtxSsrc == ssrc) return producer;
        return null;
    }

    /// <summary>The only producer that has the payload type; two of them leave it open whose packet it is.</summary>
    private static Producer? FindByPayloadType(RoutedTransport transport, byte payloadType)
    {
        Producer? found = null;
        foreach (Producer producer in transport.Producers)
        {
            if (producer.Format(payloadType) is null && producer.RepairedFormat(payloadType) is null) continue;
            if (found is not null) return null;
            found = producer;
        }

        return found;
    }

    private static int FindEncoding(Producer producer, Ssrc ssrc, bool isRtx, ReadOnlySpan<byte> rid)
    {
        var encodings = producer.Parameters.Encodings;
        for (int i = 0; i < encodings.Count; i++)
            if ((isRtx ? encodings[i].RtxSsrc : encodings[i].Ssrc) == ssrc) return i;
        if (!rid.IsEmpty && producer.FindEncoding(rid) is >= 0 and int byRid) return byRid;
        return encodings.Count == 1 ? 0 : -1;
    }
}

/// <summary>Where an SSRC belongs.</summary>
/// <param name="Producer">The producer.</param>
/// <param name="Encoding">Index of the encoding.</param>
/// <param name="IsRtx">It repairs the encoding's stream.</param>
/// <param name="Format">The codec, of RTX the repaired one.</param>
internal readonly record struct StreamPlace(Producer Producer, int Encoding, bool IsRtx, CodecFormat Format);
