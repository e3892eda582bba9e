using CsCheck;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>transport-cc feedback: draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.</summary>
public sealed class TransportCcTests
{
    private const long None = TransportCcWriter.NotReceived;
    private static readonly Ssrc Sender = new(0x11223344);
    private static readonly Ssrc Media = new(0x55667788);

    [Fact]
    public void MoveNext_RunThenVectors_YieldsEveryStatus()
    {
        // Base 0xFFFE, 12 statuses, reference 3: a run of 3 small, a one-bit vector cut at 2, in between a two-bit vector of 7.
        // Two-bit symbols of d24a: 01 00 10 01 00 10 10 = small, none, large, small, none, large, large.
        byte[] datagram = Hex.Bytes(
            "8fcd0009 11223344 55667788 fffe000c 00000307" + "2003 d24a a000" + "04 04 08" + "09 ff00 01 7fff 8000" + "05" + "0000");

        Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(RtcpFixture.Only(datagram), out TransportCcFeedback feedback));

        Assert.Equal((Sender, Media, 12, 3, 7), (feedback.SenderSsrc, feedback.MediaSsrc, feedback.StatusCount, feedback.ReferenceTime, feedback.FeedbackCount));
        (int, int?)[] expected =
        [
            (0xFFFE, 4), (0xFFFF, 4), (0, 8),
            (1, 9), (2, null), (3, -256), (4, 1), (5, null), (6, 32767), (7, -32768),
            (8, 5), (9, null),
        ];
        long arrival = 3 * 256;
        foreach ((int number, int? delta) in expected)
        {
            Assert.True(feedback.MoveNext(out TransportCcStatus status));
            arrival += delta ?? 0;
            Assert.Equal(new TransportCcStatus(new SequenceNumber((ushort)number), delta is not null, delta ?? 0, delta is null ? 0 : arrival), status);
        }
        Assert.False(feedback.MoveNext(out _));
    }

    [Fact]
    public void ReferenceTime_Negative_IsSignExtended()
    {
        byte[] datagram = Hex.Bytes("8fcd0005 11223344 55667788 00010001 ffffff00 2001 03 00");
        Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(RtcpFixture.Only(datagram), out TransportCcFeedback feedback));
        Assert.Equal(-1, feedback.ReferenceTime);
        Assert.True(feedback.MoveNext(out TransportCcStatus status));
        Assert.Equal(-253, status.ArrivalTicks);
    }

    [Theory]
    [InlineData("8fcd0003 11223344 55667788 00010001", DropReason.Truncated)]
    [InlineData("8fcd0004 11223344 55667788 00010001 00000000", DropReason.Truncated)]
    [InlineData("8fcd0005 11223344 55667788 00010000 00000000 20010000", DropReason.Malformed)]       // no status
    [InlineData("8fcd0005 11223344 55667788 00010003 00000000 20030101", DropReason.Truncated)]       // three deltas, two bytes
    [InlineData("8fcd0005 11223344 55667788 00010003 00000000 20010001", DropReason.Truncated)]       // chunks end too early
    [InlineData("8fcd0005 11223344 55667788 00010001 00000000 60010000", DropReason.Malformed)]       // reserved symbol in a run
    [InlineData("8fcd0005 11223344 55667788 00010001 00000000 f0000000", DropReason.Malformed)]       // reserved symbol in a vector
    [InlineData("8fcd0005 11223344 55667788 00010001 00000000 20000000", DropReason.Malformed)]       // a run of nothing
    [InlineData("8fcd0005 11223344 55667788 0001ffff 00000000 3fff3fff", DropReason.Truncated)]
    public void TryParse_Broken_SaysWhy(string hex, DropReason reason) =>
        Assert.Equal(reason, TransportCcFeedback.TryParse(RtcpFixture.Only(Hex.Bytes(hex)), out _));

    [Fact]
    public void TryParse_SymbolsBehindTheCount_AreNotStatuses()
    {
        // A run of 8,191 for a count of 1, and a two-bit vector whose reserved symbol lies behind the count.
        Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(
            RtcpFixture.Only(Hex.Bytes("8fcd0005 11223344 55667788 00010001 00000000 3fff0400")), out TransportCcFeedback feedback));
        Assert.True(feedback.MoveNext(out _));
        Assert.False(feedback.MoveNext(out _));
        Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(
            RtcpFixture.Only(Hex.Bytes("8fcd0005 11223344 55667788 00010001 00000000 dc000400")), out _));
    }

    [Fact]
    public void Write_EvenArrivals_IsOneRun()
    {
        long[] arrivals = [.. Enumerable.Range(0, 100).Select(i => 5 * 256L + i * 4)];
        byte[] buffer = new byte[1200];
        var writer = new RtcpWriter(buffer);

        Assert.True(writer.WriteTransportCc(Sender, Media, new SequenceNumber(7), arrivals, 9, out int taken));

        Assert.Equal(100, taken);
        Assert.Equal(4 + 16 + 2 + 100 + 2, writer.Length);                   // head, fixed part, one chunk, deltas, padding
        Assert.Equal(Hex.Bytes("8fcd001e 11223344 55667788 00070064 00000509 2064 0004"), writer.Written[..24].ToArray());
    }

    [Fact]
    public void Write_AlternatingLoss_UsesOneBitVectors()
    {
        long[] arrivals = [.. Enumerable.Range(0, 28).Select(i => i % 2 == 0 ? i * 4L : None)];
        byte[] buffer = new byte[1200];
        var writer = new RtcpWriter(buffer);

        Assert.True(writer.WriteTransportCc(Sender, Media, default, arrivals, 0, out int taken));

        Assert.Equal(28, taken);
        Assert.Equal("AAAAAAAA", Convert.ToHexString(writer.Written.Slice(20, 4)));
        Assert.Equal(20 + 4 + 14 + 2, writer.Length);
    }

    [Fact]
    public void Write_NothingReceived_IsRefused()
    {
        var writer = new RtcpWriter(new byte[1200]);
        Assert.False(writer.WriteTransportCc(Sender, Media, default, [None, None], 0, out int taken));
        Assert.False(writer.WriteTransportCc(Sender, Media, default, [], 0, out _));
        Assert.Equal((0, 0), (taken, writer.Length));
    }

    [Fact]
    public void Write_GapTooLongForADelta_LeavesTheRestForAnother()
    {
        long[] arrivals = [0, 4, 4 + 32_768, 4 + 32_772];
        var writer = new RtcpWriter(new byte[1200]);

        Assert.True(writer.WriteTransportCc(Sender, Media, default, arrivals, 0, out int taken));

        Assert.Equal(2, taken);
    }

    [Fact]
    public void Write_RoomFor20Bytes_IsRefused()
    {
        for (int room = 0; room < 24; room++)
        {
            var writer = new RtcpWriter(new byte[room]);
            Assert.False(writer.WriteTransportCc(Sender, Media, default, [0L], 0, out int taken));
            Assert.Equal((0, 0), (taken, writer.Length));
        }
    }

    [Fact]
    public void WriteThenRead_AnyArrivals_AreTheSame() =>
        Gen.Select(
            Gen.Frequency((6, Gen.Long[0, 40]), (2, Gen.Long[-2000, 2000]), (1, Gen.Long[-40_000, 40_000]), (3, Gen.Const(None))).Array[0, 300],
            Gen.Frequency((3, Gen.Const(1)), (1, Gen.Int[2, 9000])),         // how often one of them is repeated
            Gen.Int[20, 1200], Gen.UShort, Gen.Long[1 << 20, 1L << 40])
        .Sample((steps, repeat, room, baseSequence, start) =>
        {
            var arrivals = new List<long>();
            long at = start;
            for (int i = 0; i < steps.Length; i++)
                for (int n = i == steps.Length / 2 ? repeat : 1; n > 0; n--)
                    arrivals.Add(steps[i] == None ? None : at += steps[i]);
            CheckRoundTrip([.. arrivals], room, baseSequence);
        });

    private static void CheckRoundTrip(long[] arrivals, int room, ushort baseSequence)
    {
        byte[] buffer = new byte[room];
        var writer = new RtcpWriter(buffer);
        bool written = writer.WriteTransportCc(Sender, Media, new SequenceNumber(baseSequence), arrivals, 3, out int taken);
        Assert.Equal(written, taken > 0);
        if (!written) return;

        Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(RtcpFixture.Only(writer.Written), out TransportCcFeedback feedback));
        Assert.Equal((taken, baseSequence, 3), (feedback.StatusCount, feedback.BaseSequence.Value, feedback.FeedbackCount));
        long wrap = 0;
        for (int i = 0; i < taken; i++)
        {
            Assert.True(feedback.MoveNext(out TransportCcStatus status));
            Assert.Equal((ushort)(baseSequence + i), status.SequenceNumber.Value);
            Assert.Equal(arrivals[i] != None, status.IsReceived);
            if (!status.IsReceived) continue;
            if (wrap == 0) wrap = arrivals[i] - status.ArrivalTicks;         // the reference time is modulo 2^24 units of 64 ms
            Assert.Equal(0, wrap % (1L << 32));
            Assert.Equal(arrivals[i], status.ArrivalTicks + wrap);
        }
        Assert.False(feedback.MoveNext(out _));
    }
}
