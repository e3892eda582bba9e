using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;

namespace Sfu.Fuzz.Targets;

/// <summary>Compounds with every typed reader. What a reader read, written again, reads the same.</summary>
internal sealed class RtcpTarget : FuzzTarget
{
    private const long ClockStart = 1L << 40;

    private readonly byte[] _written = new byte[256 * 1024];
    private readonly ReportBlock[] _blocks = new ReportBlock[RtcpWriter.MaxBlocks];
    private readonly Ssrc[] _ssrcs = new Ssrc[255];
    private readonly FirEntry[] _entries = new FirEntry[8192];
    private readonly SequenceNumber[] _numbers = new SequenceNumber[64 * 1024];
    private readonly long[] _arrivals = new long[64 * 1024];

    public override string Name => "rtcp";

    public override string SeedKind => "rtcp";

    public override IEnumerable<byte[]> Seeds() => Targets.Seeds.Rtcp();

    public override long Run(ReadOnlySpan<byte> input)
    {
        DropReason reason = RtcpReader.Open(input, out RtcpReader reader);
        if (reason != DropReason.None) return (long)reason;
        long last = 0, before = 0;
        int total = 0, packets = 0;
        while (reader.MoveNext(out RtcpPacket packet))
        {
            total += 4 + packet.Body.Length;
            packets++;
            (before, last) = (last, (long)packet.Kind * 40 + (long)Read(packet));
        }
        Oracle.That(total <= input.Length, "the packets are longer than the datagram");
        return 1000 + last + 1000 * before + 1_000_000 * Math.Min(packets, 4);
    }

    private DropReason Read(in RtcpPacket packet) => packet.Kind switch
    {
        RtcpKind.SenderReport => ReadSenderReport(packet),
        RtcpKind.ReceiverReport => ReadReceiverReport(packet),
        RtcpKind.SourceDescription => ReadDescription(packet),
        RtcpKind.Goodbye => ReadGoodbye(packet),
        RtcpKind.Nack => ReadNack(packet),
        RtcpKind.PictureLoss => ReadPictureLoss(packet),
        RtcpKind.FullIntraRequest => ReadFullIntraRequest(packet),
        RtcpKind.Remb => ReadRemb(packet),
        RtcpKind.TransportCc => ReadTransportCc(packet),
        _ => DropReason.None,
    };

    private DropReason ReadSenderReport(in RtcpPacket packet)
    {
        DropReason reason = SenderReport.TryParse(packet, out SenderReport report);
        if (reason != DropReason.None) return reason;
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WriteSenderReport(report.Ssrc, report.Ntp, report.Timestamp, report.PacketCount, report.OctetCount, Copy(report.Blocks)), "SR: not written");
        Oracle.That(SenderReport.TryParse(Only(writer.Written), out SenderReport again) == DropReason.None, "SR: refused");
        Oracle.That(
            (again.Ssrc, again.Ntp, again.Timestamp, again.PacketCount, again.OctetCount)
            == (report.Ssrc, report.Ntp, report.Timestamp, report.PacketCount, report.OctetCount) && IsSame(again.Blocks, report.Blocks), "SR: not the same");
        return reason;
    }

    private DropReason ReadReceiverReport(in RtcpPacket packet)
    {
        DropReason reason = ReceiverReport.TryParse(packet, out ReceiverReport report);
        if (reason != DropReason.None) return reason;
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WriteReceiverReport(report.Ssrc, Copy(report.Blocks)), "RR: not written");
        Oracle.That(ReceiverReport.TryParse(Only(writer.Written), out ReceiverReport again) == DropReason.None, "RR: refused");
        Oracle.That(again.Ssrc == report.Ssrc && IsSame(again.Blocks, report.Blocks), "RR: not the same");
        return reason;
    }

    private DropReason ReadDescription(in RtcpPacket packet)
    {
        DropReason reason = SourceDescription.TryParse(packet, out SourceDescription description);
        int chunks = 0;
        while (reason == DropReason.None && description.MoveNext(out SdesChunk chunk))
        {
            chunks++;
            if (!chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> cname)) continue;
            var writer = new RtcpWriter(_written);
            Oracle.That(writer.WriteSourceDescription(chunk.Ssrc, cname), "SDES: not written");
            Oracle.That(SourceDescription.TryParse(Only(writer.Written), out SourceDescription again) == DropReason.None && again.MoveNext(out SdesChunk same)
                && same.Ssrc == chunk.Ssrc && same.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> name) && name.SequenceEqual(cname), "SDES: not the same");
        }
        Oracle.That(reason != DropReason.None || chunks == packet.Count, "SDES: not as many chunks as announced");
        return reason;
    }

    private DropReason ReadGoodbye(in RtcpPacket packet)
    {
        DropReason reason = Goodbye.TryParse(packet, out Goodbye goodbye);
        if (reason != DropReason.None) return reason;
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WriteGoodbye(Copy(goodbye.Sources), goodbye.Reason), "BYE: not written");
        Oracle.That(Goodbye.TryParse(Only(writer.Written), out Goodbye again) == DropReason.None, "BYE: refused");
        Oracle.That(IsSame(again.Sources, goodbye.Sources) && again.Reason.SequenceEqual(goodbye.Reason), "BYE: not the same");
        return reason;
    }

    private DropReason ReadNack(in RtcpPacket packet)
    {
        DropReason reason = NackFeedback.TryParse(packet, out NackFeedback nack);
        if (reason != DropReason.None) return reason;
        int count = 0;
        bool ascends = true;
        for (; nack.MoveNext(out SequenceNumber number); count++)
        {
            ascends &= count == 0 || number.IsNewerThan(_numbers[count - 1]);
            _numbers[count] = number;
        }
        Oracle.That(count >= 1 && count <= 17 * (packet.Body.Length / 4), "NACK: more numbers than 17 for 4 bytes");
        ReadOnlySpan<SequenceNumber> rest = _numbers.AsSpan(0, count);
        while (!rest.IsEmpty)
        {
            var writer = new RtcpWriter(_written.AsSpan(0, 64));
            Oracle.That(writer.WriteNack(nack.SenderSsrc, nack.MediaSsrc, rest, out int taken) && taken > 0, "NACK: not written");
            Oracle.That(NackFeedback.TryParse(Only(writer.Written), out NackFeedback again) == DropReason.None, "NACK: refused");
            for (int i = 0; again.MoveNext(out SequenceNumber number); i++)
                Oracle.That(!ascends || number == rest[i], "NACK: not the same");
            rest = rest[taken..];
        }
        return reason;
    }

    private DropReason ReadPictureLoss(in RtcpPacket packet)
    {
        DropReason reason = PictureLossIndication.TryParse(packet, out PictureLossIndication indication);
        if (reason != DropReason.None) return reason;
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WritePictureLoss(indication.SenderSsrc, indication.MediaSsrc), "PLI: not written");
        Oracle.That(PictureLossIndication.TryParse(Only(writer.Written), out PictureLossIndication again) == DropReason.None && again == indication, "PLI: not the same");
        return reason;
    }

    private DropReason ReadFullIntraRequest(in RtcpPacket packet)
    {
        DropReason reason = FullIntraRequest.TryParse(packet, out FullIntraRequest request);
        if (reason != DropReason.None) return reason;
        for (int i = 0; i < request.Count; i++) _entries[i] = request[i];
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WriteFullIntraRequest(request.SenderSsrc, _entries.AsSpan(0, request.Count)), "FIR: not written");
        Oracle.That(FullIntraRequest.TryParse(Only(writer.Written), out FullIntraRequest again) == DropReason.None && again.Count == request.Count, "FIR: refused");
        for (int i = 0; i < request.Count; i++) Oracle.That(again[i] == request[i], "FIR: not the same");
        return reason;
    }

    private DropReason ReadRemb(in RtcpPacket packet)
    {
        DropReason reason = RembFeedback.TryParse(packet, out RembFeedback remb);
        if (reason != DropReason.None) return reason;
        Oracle.That(remb.Bitrate.BitsPerSecond >= 0, "REMB: negative");
        var writer = new RtcpWriter(_written);
        Oracle.That(writer.WriteRemb(remb.SenderSsrc, remb.Bitrate, Copy(remb.Sources)), "REMB: not written");
        Oracle.That(RembFeedback.TryParse(Only(writer.Written), out RembFeedback again) == DropReason.None && IsSame(again.Sources, remb.Sources), "REMB: refused");
        Oracle.That(again.Bitrate == remb.Bitrate || remb.Bitrate.BitsPerSecond == long.MaxValue, "REMB: not the same");
        return reason;
    }

    private DropReason ReadTransportCc(in RtcpPacket packet)
    {
        DropReason reason = TransportCcFeedback.TryParse(packet, out TransportCcFeedback feedback);
        if (reason != DropReason.None) return reason;
        int count = 0, received = 0;
        for (; feedback.MoveNext(out TransportCcStatus status); count++)
        {
            Oracle.That(status.SequenceNumber == feedback.BaseSequence.Add(count), "transport-cc: a number is left out");
            _arrivals[count] = status.IsReceived ? status.ArrivalTicks + ClockStart : TransportCcWriter.NotReceived;
            if (status.IsReceived) received++;
        }
        Oracle.That(count == feedback.StatusCount, "transport-cc: not as many statuses as announced");
        Oracle.That(received <= packet.Body.Length, "transport-cc: more received packets than bytes");
        var writer = new RtcpWriter(_written);
        bool isWritten = writer.WriteTransportCc(feedback.SenderSsrc, feedback.MediaSsrc, feedback.BaseSequence, _arrivals.AsSpan(0, count), feedback.FeedbackCount, out int taken);
        Oracle.That(isWritten == received > 0, "transport-cc: not written");
        if (isWritten) CheckTransportCc(writer.Written, taken, count, feedback.BaseSequence);
        return reason;
    }

    private void CheckTransportCc(ReadOnlySpan<byte> written, int taken, int count, SequenceNumber first)
    {
        Oracle.That(taken == count, "transport-cc: cut off");
        Oracle.That(TransportCcFeedback.TryParse(Only(written), out TransportCcFeedback again) == DropReason.None, "transport-cc: refused");
        Oracle.That(again.StatusCount == taken && again.BaseSequence == first, "transport-cc: another range");
        for (int i = 0; again.MoveNext(out TransportCcStatus status); i++)
        {
            bool isSame = status.IsReceived
                ? (_arrivals[i] - status.ArrivalTicks) % (1L << 32) == 0           // 24 bits of 64 ms
                : _arrivals[i] == TransportCcWriter.NotReceived;
            Oracle.That(isSame, "transport-cc: not the same");
        }
    }

    private static RtcpPacket Only(ReadOnlySpan<byte> written)
    {
        Oracle.That(RtcpReader.Open(written, out RtcpReader reader) == DropReason.None, "a written packet is refused");
        Oracle.That(reader.MoveNext(out RtcpPacket packet), "a written packet is none");
        return packet;
    }

    private ReadOnlySpan<ReportBlock> Copy(ReportBlockList blocks)
    {
        for (int i = 0; i < blocks.Count; i++) _blocks[i] = blocks[i];
        return _blocks.AsSpan(0, blocks.Count);
    }

    private ReadOnlySpan<Ssrc> Copy(SsrcList ssrcs)
    {
        for (int i = 0; i < ssrcs.Count; i++) _ssrcs[i] = ssrcs[i];
        return _ssrcs.AsSpan(0, ssrcs.Count);
    }

    private static bool IsSame(ReportBlockList one, ReportBlockList other)
    {
        bool isSame = one.Count == other.Count;
        for (int i = 0; isSame && i < one.Count; i++) isSame = one[i] == other[i];
        return isSame;
    }

    private static bool IsSame(SsrcList one, SsrcList other)
    {
        bool isSame = one.Count == other.Count;
        for (int i = 0; isSame && i < one.Count; i++) isSame = one[i] == other[i];
        return isSame;
    }
}
