using CsCheck;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>NACK, PLI (RFC 4585 sections 6.2.1, 6.3.1), FIR (RFC 5104 section 4.3.1) and REMB (draft-alvestrand-rmcat-remb-03).</summary>
public sealed class FeedbackTests
{
    private static readonly Ssrc Sender = new(0x11223344);
    private static readonly Ssrc Media = new(0x55667788);

    [Fact]
    public void Nack_PidAndMask_YieldTheMissingPackets()
    {
        byte[] datagram = Hex.Bytes("81cd0004 11223344 55667788 fffe8005 00100000");

        Assert.Equal(DropReason.None, NackFeedback.TryParse(RtcpFixture.Only(datagram), out NackFeedback nack));

        Assert.Equal((Sender, Media), (nack.SenderSsrc, nack.MediaSsrc));
        Assert.Equal([0xFFFE, 0xFFFF, 1, 14, 16], Missing(nack));
    }

    [Theory]
    [InlineData("81cd0002 11223344 55667788", DropReason.Truncated)]
    [InlineData("81cd0001 11223344", DropReason.Truncated)]
    [InlineData("a1cd0004 11223344 55667788 00010000 00020001", DropReason.Malformed)]       // padding cuts an item in two
    public void Nack_Lengths_AreChecked(string hex, DropReason reason) =>
        Assert.Equal(reason, NackFeedback.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void WriteNack_Neighbours_ShareAnItem()
    {
        var writer = new RtcpWriter(new byte[100]);
        SequenceNumber[] missing = [new(0xFFFE), new(0xFFFF), new(1), new(14), new(15)];

        Assert.True(writer.WriteNack(Sender, Media, missing, out int taken));

        Assert.Equal(5, taken);
        Assert.Equal(Hex.Bytes("81cd0004 11223344 55667788 fffe8005 000f0000").Length, writer.Length);
        Assert.Equal(Hex.Bytes("81cd0004 11223344 55667788 fffe8005 000f0000"), writer.Written.ToArray());
    }

    [Fact]
    public void WriteNack_NoMoreRoom_TakesWhatFits()
    {
        SequenceNumber[] missing = [new(0), new(100), new(101), new(200)];
        for (int room = 0; room < 16; room++)
        {
            var small = new RtcpWriter(new byte[room]);
            Assert.False(small.WriteNack(Sender, Media, missing, out int none));
            Assert.Equal((0, 0), (none, small.Length));
        }

        var writer = new RtcpWriter(new byte[21]);
        Assert.True(writer.WriteNack(Sender, Media, missing, out int taken));
        Assert.Equal((3, 20), (taken, writer.Length));
    }

    [Fact]
    public void WriteNack_AnyList_IsReadBack() =>
        Gen.Select(Gen.UShort, Gen.Int[1, 40].Array[1, 200]).Sample((start, steps) =>
        {
            var missing = new List<SequenceNumber>();
            var at = new SequenceNumber(start);
            foreach (int step in steps) missing.Add(at = at.Add(step));
            var read = new List<int>();
            for (int done = 0; done < missing.Count;)
            {
                var writer = new RtcpWriter(new byte[64]);
                Assert.True(writer.WriteNack(Sender, Media, missing.ToArray().AsSpan(done), out int taken));
                Assert.Equal(DropReason.None, NackFeedback.TryParse(RtcpFixture.Only(writer.Written), out NackFeedback nack));
                read.AddRange(Missing(nack));
                done += taken;
            }
            Assert.Equal(missing.Select(number => (int)number.Value), read);
        });

    [Fact]
    public void PictureLoss_WrittenAndRead_IsTheSame()
    {
        var writer = new RtcpWriter(new byte[12]);
        Assert.True(writer.WritePictureLoss(Sender, Media));
        Assert.False(writer.WritePictureLoss(Sender, Media));
        Assert.Equal(Hex.Bytes("81ce0002 11223344 55667788"), writer.Written.ToArray());
        Assert.Equal(DropReason.None, PictureLossIndication.TryParse(RtcpFixture.Only(writer.Written), out PictureLossIndication indication));
        Assert.Equal(new PictureLossIndication(Sender, Media), indication);
        Assert.Equal(DropReason.Truncated, PictureLossIndication.TryParse(RtcpFixture.Only(Hex.Bytes("81ce0001 11223344")), out _));
    }

    [Fact]
    public void FullIntraRequest_WrittenAndRead_IsTheSame()
    {
        var writer = new RtcpWriter(new byte[28]);
        Assert.True(writer.WriteFullIntraRequest(Sender, [new FirEntry(Media, 255), new FirEntry(new Ssrc(1), 0)]));
        Assert.Equal(Hex.Bytes("84ce0006 11223344 00000000 55667788 ff000000 00000001 00000000"), writer.Written.ToArray());
        Assert.Equal(DropReason.None, FullIntraRequest.TryParse(RtcpFixture.Only(writer.Written), out FullIntraRequest request));
        Assert.Equal((Sender, 2, new FirEntry(Media, 255), new FirEntry(new Ssrc(1), 0)), (request.SenderSsrc, request.Count, request[0], request[1]));
    }

    [Theory]
    [InlineData("84ce0002 11223344 00000000", DropReason.Truncated)]
    [InlineData("84ce0003 11223344 00000000 55667788", DropReason.Truncated)]
    [InlineData("84ce0005 11223344 00000000 55667788 01000000 55667788", DropReason.Malformed)]
    public void FullIntraRequest_Lengths_AreChecked(string hex, DropReason reason) =>
        Assert.Equal(reason, FullIntraRequest.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void Remb_VectorOfLibwebrtc_IsRead()
    {
        // libwebrtc modules/rtp_rtcp/source/rtcp_packet/remb_unittest.cc
        byte[] datagram = Hex.Bytes("8fce0007 12345678 00000000 52454d42 0307fb93 2345678a 2345678b 2345678c");

        Assert.Equal(DropReason.None, RembFeedback.TryParse(RtcpFixture.Only(datagram), out RembFeedback remb));

        Assert.Equal((new Ssrc(0x12345678), new Bitrate(0x3fb93 * 2), 3), (remb.SenderSsrc, remb.Bitrate, remb.Sources.Count));
        Assert.Equal(new Ssrc(0x2345678c), remb.Sources[2]);
    }

    [Theory]
    [InlineData("00000000", 0)]
    [InlineData("00fc0000", 0)]                                                     // exponent 63, mantissa 0
    [InlineData("00fc0001", long.MaxValue)]                                         // 2^63 does not fit
    [InlineData("00f80001", 1L << 62)]
    [InlineData("00b7ffff", 262_143L << 45)]
    [InlineData("00bbffff", long.MaxValue)]
    [InlineData("00ffffff", long.MaxValue)]
    public void Remb_LargeExponent_DoesNotOverflow(string rate, long expected)
    {
        Assert.Equal(DropReason.None, RembFeedback.TryParse(
            RtcpFixture.Only(Hex.Bytes("8fce0004 00000001 00000000 52454d42" + rate)), out RembFeedback remb));
        Assert.Equal(expected, remb.Bitrate.BitsPerSecond);
    }

    [Theory]
    [InlineData("8fce0004 00000001 00000000 52454d42 01000000")]
    [InlineData("8fce0004 00000001 00000000 52454d42 ff000000")]
    [InlineData("8fce0005 00000001 00000000 52454d42 00000000 00000001")]
    public void Remb_SourceCountNotThePackets_IsMalformed(string hex) =>
        Assert.Equal(DropReason.Malformed, RembFeedback.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void Remb_WithoutItsRate_IsTruncated() =>
        Assert.Equal(DropReason.Truncated, RembFeedback.TryParse(RtcpFixture.Only(Hex.Bytes("8fce0003 00000001 00000000 52454d42")), out _));

    [Fact]
    public void WriteRemb_AnyRate_IsReadBackWithin18Bits() =>
        Gen.Select(Gen.Long, Gen.UInt.Array[0, 255]).Sample((rate, sources) =>
        {
            Ssrc[] ssrcs = [.. sources.Select(value => new Ssrc(value))];
            var writer = new RtcpWriter(new byte[1200]);
            Assert.True(writer.WriteRemb(Sender, new Bitrate(rate), ssrcs));
            Assert.Equal(DropReason.None, RembFeedback.TryParse(RtcpFixture.Only(writer.Written), out RembFeedback remb));
            long expected = Math.Max(0, rate);
            Assert.InRange(remb.Bitrate.BitsPerSecond, expected - (expected >> 17), expected);
            Assert.Equal(ssrcs.Length, remb.Sources.Count);
            for (int i = 0; i < ssrcs.Length; i++) Assert.Equal(ssrcs[i], remb.Sources[i]);
        });

    private static List<int> Missing(NackFeedback nack)
    {
        var numbers = new List<int>();
        while (nack.MoveNext(out SequenceNumber number)) numbers.Add(number.Value);
        return numbers;
    }
}
