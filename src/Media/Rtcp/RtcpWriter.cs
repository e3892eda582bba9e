using System.Buffers.Binary;
using System.Numerics;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Rtcp;

/// <summary>Writes RTCP packets one behind the other into a span: a compound, or reduced-size feedback (RFC 3550 section 6.1, RFC 5506).</summary>
/// <remarks>A method returns false and leaves the datagram as it is when its packet does not fit or its input cannot be said in one
/// packet; nothing throws. The caller orders the packets: a report first, unless rtcp-rsize was negotiated.</remarks>
/// <param name="destination">Where the datagram goes; its length is the limit.</param>
public ref struct RtcpWriter(Span<byte> destination)
{
    /// <summary>Report blocks in one report at most.</summary>
    public const int MaxBlocks = RtcpFormat.MaxCount;

    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The datagram so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    /// <summary>Writes SR (RFC 3550 section 6.4.1).</summary>
    /// <param name="ssrc">The reporting stream.</param>
    /// <param name="ntp">Wall clock now.</param>
    /// <param name="timestamp">The same instant on the stream's RTP clock.</param>
    /// <param name="packetCount">Packets sent, modulo 2^32.</param>
    /// <param name="octetCount">Payload bytes sent, modulo 2^32.</param>
    /// <param name="blocks">At most <see cref="MaxBlocks"/>.</param>
    public bool WriteSenderReport(
        Ssrc ssrc, NtpTime ntp, RtpTimestamp timestamp, uint packetCount, uint octetCount, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        if (blocks.Length > MaxBlocks) return false;
        int size = SenderReport.FixedSize + blocks.Length * ReportBlock.Size;
        if (!Begin(RtcpPacketType.SenderReport, blocks.Length, size, out Span<byte> body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc.Value);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], ntp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], packetCount);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], octetCount);
        WriteBlocks(body[SenderReport.FixedSize..], blocks);
        return true;
    }

    /// <summary>Writes RR (RFC 3550 section 6.4.2).</summary>
    /// <param name="ssrc">Who reports.</param>
    /// <param name="blocks">At most <see cref="MaxBlocks"/>; may be empty.</param>
    public bool WriteReceiverReport(Ssrc ssrc, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        if (blocks.Length > MaxBlocks) return false;
        int size = ReceiverReport.FixedSize + blocks.Length * ReportBlock.Size;
        if (!Begin(RtcpPacketType.ReceiverReport, blocks.Length, size, out Span<byte> body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc.Value);
        WriteBlocks(body[ReceiverReport.FixedSize..], blocks);
        return true;
    }

    /// <summary>Writes SDES with one chunk that holds a CNAME (RFC 3550 section 6.5.1); reduced-size datagrams need none.</summary>
    /// <param name="ssrc">The source.</param>
    /// <param name="cname">At most 255 bytes of UTF-8.</param>
    public bool WriteSourceDescription(Ssrc ssrc, scoped ReadOnlySpan<byte> cname)
    {
        if (cname.Length > byte.MaxValue) return false;
        int size = (4 + 2 + cname.Length + 4) & ~3;                          // one to four zeros end the chunk on 32 bits
        if (!Begin(RtcpPacketType.SourceDescription, 1, size, out Span<byte> body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc.Value);
        body[4] = (byte)SdesItemType.Cname;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
        body[(6 + cname.Length)..].Clear();
        return true;
    }

    /// <summary>Writes BYE (RFC 3550 section 6.6).</summary>
    /// <param name="sources">Streams that end; at most 31.</param>
    /// <param name="reason">At most 255 bytes of UTF-8; empty for none.</param>
    public bool WriteGoodbye(scoped ReadOnlySpan<Ssrc> sources, scoped ReadOnlySpan<byte> reason = default)
    {
        if (sources.Length > RtcpFormat.MaxCount || reason.Length > byte.MaxValue) return false;
        int reasonSize = reason.IsEmpty ? 0 : (1 + reason.Length + 3) & ~3;
        if (!Begin(RtcpPacketType.Goodbye, sources.Length, sources.Length * 4 + reasonSize, out Span<byte> body)) return false;
        WriteSsrcs(body, sources);
        if (reason.IsEmpty) return true;
        body = body[(sources.Length * 4)..];
        body[0] = (byte)reason.Length;
        reason.CopyTo(body[1..]);
        body[(1 + reason.Length)..].Clear();
        return true;
    }

    /// <summary>Writes a generic NACK for as many of the sequence numbers as fit (RFC 4585 section 6.2.1).</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="media">The stream whose packets are missing.</param>
    /// <param name="missing">In ascending serial order (17 neighbours share an item); not empty.</param>
    /// <param name="taken">How many of them, from the first, are in the packet.</param>
    /// <returns>False when not even one fits.</returns>
    public bool WriteNack(Ssrc sender, Ssrc media, scoped ReadOnlySpan<SequenceNumber> missing, out int taken)
    {
        taken = 0;
        const int MaxItemBytes = 0x1_0000;                                   // far above any datagram, far below the length field
        int room = Math.Min(_destination.Length - Length - RtcpFormat.HeadSize - RtcpFormat.FeedbackHeadSize, MaxItemBytes);
        if (missing.IsEmpty || room < 4) return false;
        Span<byte> items = _destination.Slice(Length + RtcpFormat.HeadSize + RtcpFormat.FeedbackHeadSize, room);
        int used = 0;
        for (; taken < missing.Length && used + 4 <= room; used += 4)
        {
            SequenceNumber first = missing[taken++];
            uint following = 0;
            for (; taken < missing.Length; taken++)
            {
                int distance = missing[taken].DistanceFrom(first);
                if (distance is < 1 or > 16) break;
                following |= 1u << (distance - 1);
            }
            BinaryPrimitives.WriteUInt16BigEndian(items[used..], first.Value);
            BinaryPrimitives.WriteUInt16BigEndian(items[(used + 2)..], (ushort)following);
        }
        return BeginFeedback(RtcpPacketType.TransportFeedback, RtcpFormat.Nack, sender, media, used, out _);
    }

    /// <summary>Writes PLI (RFC 4585 section 6.3.1).</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="media">The stream that shall send a key frame.</param>
    public bool WritePictureLoss(Ssrc sender, Ssrc media) =>
        BeginFeedback(RtcpPacketType.PayloadFeedback, RtcpFormat.PictureLoss, sender, media, 0, out _);

    /// <summary>Writes FIR (RFC 5104 section 4.3.1).</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="entries">Streams with the number of the command, raised by one for each new command; not empty.</param>
    public bool WriteFullIntraRequest(Ssrc sender, scoped ReadOnlySpan<FirEntry> entries)
    {
        // The media SSRC is unused and 0: the entries name the streams (section 4.3.1.2).
        if (entries.IsEmpty
            || !BeginFeedback(RtcpPacketType.PayloadFeedback, RtcpFormat.FullIntraRequest, sender, default, entries.Length * FirEntry.Size, out Span<byte> body))
            return false;
        foreach (FirEntry entry in entries)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body, entry.Ssrc.Value);
            BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)entry.CommandSequence << 24);
            body = body[FirEntry.Size..];
        }
        return true;
    }

    /// <summary>Writes REMB, rounded down to 18 significant bits (draft-alvestrand-rmcat-remb-03 section 2.2).</summary>
    /// <param name="sender">Who estimates.</param>
    /// <param name="bitrate">The estimate; below 0 counts as 0.</param>
    /// <param name="sources">The streams it is for; at most 255.</param>
    public bool WriteRemb(Ssrc sender, Bitrate bitrate, scoped ReadOnlySpan<Ssrc> sources)
    {
        if (sources.Length > byte.MaxValue) return false;
        int size = RembFeedback.FixedSize - RtcpFormat.FeedbackHeadSize + sources.Length * 4;
        if (!BeginFeedback(RtcpPacketType.PayloadFeedback, RtcpFormat.ApplicationLayer, sender, default, size, out Span<byte> body)) return false;
        ulong rate = (ulong)Math.Max(0, bitrate.BitsPerSecond);
        int exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount(rate) - RembFeedback.MantissaBits);
        BinaryPrimitives.WriteUInt32BigEndian(body, RembFeedback.Identifier);
        BinaryPrimitives.WriteUInt32BigEndian(
            body[4..], (uint)sources.Length << 24 | (uint)exponent << RembFeedback.MantissaBits | (uint)(rate >> exponent));
        WriteSsrcs(body[8..], sources);
        return true;
    }

    /// <summary>Writes a transport-cc feedback for as many packets as fit (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).</summary>
    /// <param name="sender">Who received.</param>
    /// <param name="media">Any stream of the transport that was received.</param>
    /// <param name="baseSequence">Transport-wide sequence number of the first entry of <paramref name="arrivals"/>.</param>
    /// <param name="arrivals">Arrival of each packet on the receiver's clock in ticks of 250 us, 0 or later, or
    /// <see cref="TransportCcWriter.NotReceived"/>. The reference time is that of the first one received.</param>
    /// <param name="feedbackCount">Number of this feedback on the transport, modulo 256.</param>
    /// <param name="taken">How many entries, from the first, are in the packet: the rest is for another feedback, with another
    /// reference time, either for want of room or because two arrivals are more than 8.19 s apart.</param>
    /// <returns>False when no entry was taken: none was received, or there is no room.</returns>
    public bool WriteTransportCc(
        Ssrc sender, Ssrc media, SequenceNumber baseSequence, scoped ReadOnlySpan<long> arrivals, byte feedbackCount, out int taken)
    {
        taken = 0;
        const int Fixed = RtcpFormat.HeadSize + TransportCcFeedback.FixedSize;
        int room = (_destination.Length - Length - Fixed) & ~3;
        if (room <= 0) return false;
        int size = TransportCcWriter.Write(_destination.Slice(Length + Fixed, room), arrivals, out taken, out int referenceTime);
        if (taken == 0) return false;
        if (!BeginFeedback(
            RtcpPacketType.TransportFeedback, RtcpFormat.TransportCc, sender, media, TransportCcFeedback.FixedSize - RtcpFormat.FeedbackHeadSize + size, out Span<byte> body))
            return false;
        BinaryPrimitives.WriteUInt16BigEndian(body, baseSequence.Value);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)taken);
        BinaryPrimitives.WriteInt32BigEndian(body[4..], referenceTime << 8 | feedbackCount);
        return true;
    }

    private bool Begin(RtcpPacketType type, int count, int bodySize, out Span<byte> body)
    {
        int size = RtcpFormat.HeadSize + bodySize;
        if (size > _destination.Length - Length || size / 4 - 1 > ushort.MaxValue)
        {
            body = default;
            return false;
        }
        Span<byte> packet = _destination.Slice(Length, size);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(size / 4 - 1));
        body = packet[RtcpFormat.HeadSize..];
        Length += size;
        return true;
    }

    private bool BeginFeedback(RtcpPacketType type, byte format, Ssrc sender, Ssrc media, int size, out Span<byte> body)
    {
        if (!Begin(type, format, RtcpFormat.FeedbackHeadSize + size, out body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, sender.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], media.Value);
        body = body[RtcpFormat.FeedbackHeadSize..];
        return true;
    }

    private static void WriteBlocks(Span<byte> body, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        for (int i = 0; i < blocks.Length; i++) blocks[i].Write(body[(i * ReportBlock.Size)..]);
    }

    private static void WriteSsrcs(Span<byte> body, scoped ReadOnlySpan<Ssrc> ssrcs)
    {
        for (int i = 0; i < ssrcs.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(body[(i * 4)..], ssrcs[i].Value);
    }
}
