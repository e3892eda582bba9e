using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>Whole compounds: all writers in one datagram, any length cut off, allocation.</summary>
[Collection("alone")]
public sealed class RtcpCompoundTests
{
    private static readonly RtcpKind[] Kinds =
    [
        RtcpKind.SenderReport, RtcpKind.ReceiverReport, RtcpKind.SourceDescription, RtcpKind.Nack, RtcpKind.PictureLoss,
        RtcpKind.FullIntraRequest, RtcpKind.Remb, RtcpKind.TransportCc, RtcpKind.Goodbye,
    ];

    [Fact]
    public void MoveNext_EverythingWritten_IsReadInOrder()
    {
        byte[] datagram = new byte[1200];
        int length = WriteAll(datagram);

        Assert.Equal(DropReason.None, RtcpReader.Open(datagram.AsSpan(0, length), out RtcpReader reader));
        foreach (RtcpKind kind in Kinds)
        {
            Assert.True(reader.MoveNext(out RtcpPacket packet));
            Assert.Equal(kind, packet.Kind);
            Assert.Equal(DropReason.None, RtcpFixture.ReadWhole(packet));
        }
        Assert.False(reader.MoveNext(out _));
    }

    [Fact]
    public void Open_EveryLengthCutOff_IsRefusedUnlessItEndsBehindAPacket()
    {
        byte[] datagram = new byte[1200];
        int length = WriteAll(datagram);
        var ends = new HashSet<int>();
        Assert.Equal(DropReason.None, RtcpReader.Open(datagram.AsSpan(0, length), out RtcpReader reader));
        for (int at = 0; reader.MoveNext(out RtcpPacket packet);) ends.Add(at += 4 + packet.Body.Length);

        for (int cut = 0; cut < length; cut++)
        {
            DropReason reason = RtcpReader.Open(datagram.AsSpan(0, cut), out _);
            Assert.Equal(ends.Contains(cut) ? DropReason.None : DropReason.Truncated, reason);
        }
    }

    [Fact]
    public void TryParse_EveryBodyCutOff_NeverThrows()
    {
        byte[] datagram = new byte[1200];
        int length = WriteAll(datagram);
        Assert.Equal(DropReason.None, RtcpReader.Open(datagram.AsSpan(0, length), out RtcpReader reader));
        while (reader.MoveNext(out RtcpPacket packet))
        {
            for (int cut = RtcpFormat.HeadSize; cut < packet.Bytes.Length; cut++)
            {
                DropReason reason = RtcpFixture.ReadWhole(new RtcpPacket(packet.Type, packet.Count, packet.Bytes[..cut]));
                if (packet.Kind is RtcpKind.SenderReport or RtcpKind.ReceiverReport or RtcpKind.PictureLoss or RtcpKind.FullIntraRequest)
                    Assert.NotEqual(DropReason.None, reason);               // the others may end earlier: an item or filling less
            }
        }
    }

    [Fact]
    public void Write_EveryRoom_FitsOrLeavesTheDatagram()
    {
        byte[] whole = new byte[1200];
        int length = WriteAll(whole);
        for (int room = 0; room < length; room++)
        {
            byte[] datagram = new byte[room];
            int written = WriteAll(datagram);
            Assert.InRange(written, 0, room);
            if (written > 0) Assert.Equal(DropReason.None, RtcpReader.Open(datagram.AsSpan(0, written), out _));
        }
    }

    [Fact]
    public void WriteAndRead_Compounds_AllocateNothing()
    {
        byte[] datagram = new byte[1200];
        long[] arrivals = [.. Enumerable.Range(0, 200).Select(i => i % 7 == 0 ? TransportCcWriter.NotReceived : i * 300L)];
        ReportBlock[] blocks = new ReportBlock[10];
        SequenceNumber[] missing = [.. Enumerable.Range(0, 50).Select(i => new SequenceNumber((ushort)(i * 3)))];
        int read = 0;
        Assert.Equal(0, Allocations.Of(1000, _ => read += Once(datagram, arrivals, blocks, missing)));
        Assert.Equal(5 * 2000, read);
    }

    private static int Once(byte[] datagram, long[] arrivals, ReportBlock[] blocks, SequenceNumber[] missing)
    {
        var writer = new RtcpWriter(datagram);
        bool fits = writer.WriteSenderReport(new Ssrc(1), default, default, 0, 0, blocks)
            && writer.WriteSourceDescription(new Ssrc(1), "cname"u8)
            && writer.WriteNack(new Ssrc(1), new Ssrc(2), missing, out _)
            && writer.WriteRemb(new Ssrc(1), new Bitrate(1_000_000), [new Ssrc(2)])
            && writer.WriteTransportCc(new Ssrc(1), new Ssrc(2), default, arrivals, 0, out _);
        int read = 0;
        if (!fits || RtcpReader.Open(writer.Written, out RtcpReader reader) != DropReason.None) return -1;
        while (reader.MoveNext(out RtcpPacket packet))
            if (RtcpFixture.ReadWhole(packet) == DropReason.None) read++;
        return read;
    }

    private static int WriteAll(Span<byte> datagram)
    {
        var writer = new RtcpWriter(datagram);
        writer.WriteSenderReport(new Ssrc(1), new NtpTime(2), new RtpTimestamp(3), 4, 5, [new ReportBlock(new Ssrc(9), 1, 2, 3, 4, 5, 6)]);
        writer.WriteReceiverReport(new Ssrc(1), [default, default]);
        writer.WriteSourceDescription(new Ssrc(1), "someone"u8);
        writer.WriteNack(new Ssrc(1), new Ssrc(2), [new(1), new(2), new(40)], out _);
        writer.WritePictureLoss(new Ssrc(1), new Ssrc(2));
        writer.WriteFullIntraRequest(new Ssrc(1), [new FirEntry(new Ssrc(2), 3)]);
        writer.WriteRemb(new Ssrc(1), new Bitrate(2_500_000), [new Ssrc(2), new Ssrc(3)]);
        writer.WriteTransportCc(new Ssrc(1), new Ssrc(2), default, [4, 8, TransportCcWriter.NotReceived, 2000], 0, out _);
        writer.WriteGoodbye([new Ssrc(1)], "bye"u8);
        return writer.Length;
    }
}
