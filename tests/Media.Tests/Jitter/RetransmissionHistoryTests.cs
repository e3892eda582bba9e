using System.Runtime.CompilerServices;
using CsCheck;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Jitter;

[Collection("alone")]
public sealed class RetransmissionHistoryTests
{
    private const int Capacity = 1024;
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);

    private static SentPacket PacketOf(ulong index) =>
        new((uint)(index * 7), new RtpTimestamp((uint)(index * 3000)), (ushort)(index & 0x7FFF), (byte)index, (byte)(index & 0x1F), (byte)(index & 7), index % 3 == 0, (uint)index * 11);

    private static ResendVerdict Ask(
        RetransmissionHistory history, double milliseconds, ulong highest, ulong index, out SentPacket packet, out ulong found) =>
        history.TryResend(new MediaTime((long)(milliseconds * 1e6)), new SequenceNumber((ushort)index), highest, RoundTrip, out found, out packet);

    [Fact]
    public void Entry_Is24Bytes() => Assert.Equal(24, Unsafe.SizeOf<SentEntry>());

    [Fact]
    public void TryResend_SentPacket_GivesBackWhatWasRemembered()
    {
        var history = new RetransmissionHistory(Capacity);
        for (ulong index = 65_000; index < 66_500; index++) Assert.True(history.Add(index, PacketOf(index)));

        Assert.Equal(ResendVerdict.Resend, Ask(history, 1000, 66_499, 66_499, out SentPacket newest, out ulong newestIndex));
        Assert.Equal((PacketOf(66_499), 66_499ul), (newest, newestIndex));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 1000, 66_499, 66_500 - 1024, out SentPacket oldest, out ulong oldestIndex));
        Assert.Equal((PacketOf(66_500 - 1024), 66_500ul - 1024), (oldest, oldestIndex));
        Assert.Equal(ResendVerdict.Unknown, Ask(history, 1000, 66_499, 66_500 - 1025, out _, out _));
        Assert.Equal(ResendVerdict.Unknown, Ask(history, 1000, 66_499, 66_500, out _, out _));
    }

    [Fact]
    public void TryWait_UntilItIsSent_DoesNotCountAndIsNotTakenOnTwice()
    {
        var history = new RetransmissionHistory(Capacity);
        for (ulong index = 0; index < 10; index++) history.Add(index, PacketOf(index));
        SequenceNumber five = new(5);
        MediaTime at = MediaTime.FromSeconds(1);

        Assert.Equal(ResendVerdict.Unknown, history.TryWait(at, new SequenceNumber(10), 9, RoundTrip));
        Assert.Equal(ResendVerdict.Resend, history.TryWait(at, five, 9, RoundTrip));
        Assert.Equal(ResendVerdict.Waiting, history.TryWait(at, five, 9, RoundTrip));
        history.StopWaiting(five, 9);
        Assert.Equal(ResendVerdict.Resend, history.TryWait(at, five, 9, RoundTrip));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 1020, 9, 5, out SentPacket packet, out _));
        Assert.Equal(PacketOf(5), packet);
        Assert.Equal(ResendVerdict.TooSoon, history.TryWait(MediaTime.FromMilliseconds(1069), five, 9, RoundTrip));   // counted from when it left
        Assert.Equal(ResendVerdict.Resend, history.TryWait(MediaTime.FromMilliseconds(1070), five, 9, RoundTrip));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 1070, 9, 5, out _, out _));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 1170, 9, 5, out _, out _));
        Assert.Equal(ResendVerdict.TooOften, history.TryWait(MediaTime.FromSeconds(3), five, 9, RoundTrip));
    }

    [Fact]
    public void Add_AnotherPacketInThePlaceOfOneThatWaits_DoesNotWait()
    {
        var history = new RetransmissionHistory(256);
        history.Add(5, PacketOf(5));
        Assert.Equal(ResendVerdict.Resend, history.TryWait(MediaTime.FromSeconds(1), new SequenceNumber(5), 5, RoundTrip));
        history.Add(261, PacketOf(261));

        Assert.Equal(ResendVerdict.Unknown, history.TryWait(MediaTime.FromSeconds(1), new SequenceNumber(5), 261, RoundTrip));
        Assert.Equal(ResendVerdict.Resend, history.TryWait(MediaTime.FromSeconds(1), new SequenceNumber(261), 261, RoundTrip));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(65_500ul)]
    [InlineData(0xFFFF_FF00ul)]                                        // across the half that an entry keeps
    public void Grow_WithPacketsInIt_ForgetsNoneAndKeepsHowOftenTheyWereSent(ulong first)
    {
        var history = new RetransmissionHistory(256);
        ulong end = first + 400;
        for (ulong index = first; index < end; index++) history.Add(index, PacketOf(index));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 1000, end - 1, end - 5, out _, out _));
        history.Grow();
        history.Grow();
        for (ulong index = end; index < end + 700; index++) history.Add(index, PacketOf(index));

        ulong highest = end + 699;
        Assert.Equal(1024, history.Capacity);
        Assert.Equal(ResendVerdict.TooSoon, Ask(history, 1001, highest, end - 5, out _, out _));
        Assert.Equal(ResendVerdict.Unknown, Ask(history, 1001, highest, end - 257, out _, out _));
        for (ulong index = end - 256; index <= highest; index++)
        {
            if (index == end - 5) continue;
            Assert.Equal(ResendVerdict.Resend, Ask(history, 1001, highest, index, out SentPacket packet, out ulong found));
            Assert.Equal((PacketOf(index), index), (packet, found));
        }
    }

    [Fact]
    public void TryResend_AskedOften_AnswersOncePerRoundTripAndThreeTimes()
    {
        var history = new RetransmissionHistory(Capacity);
        history.Add(100, PacketOf(100));

        Assert.Equal(ResendVerdict.Resend, Ask(history, 0, 100, 100, out _, out _));
        Assert.Equal(ResendVerdict.TooSoon, Ask(history, 49, 100, 100, out _, out _));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 50, 100, 100, out _, out _));
        Assert.Equal(ResendVerdict.Resend, Ask(history, 100, 100, 100, out _, out _));
        Assert.Equal(ResendVerdict.TooOften, Ask(history, 1000, 100, 100, out _, out _));
    }

    [Fact]
    public void TryResend_UnknownRoundTrip_WaitsTwentyMilliseconds()
    {
        var history = new RetransmissionHistory(Capacity);
        history.Add(1, PacketOf(1));
        MediaTime first = MediaTime.FromMilliseconds(65_530);          // the 16-bit clock inside wraps in between
        history.TryResend(first, new SequenceNumber(1), 1, TimeSpan.Zero, out _, out _);

        Assert.Equal(ResendVerdict.TooSoon, history.TryResend(first + TimeSpan.FromMilliseconds(19), new SequenceNumber(1), 1, TimeSpan.Zero, out _, out _));
        Assert.Equal(ResendVerdict.Resend, history.TryResend(first + TimeSpan.FromMilliseconds(20), new SequenceNumber(1), 1, TimeSpan.Zero, out _, out _));
    }

    [Fact]
    public void Add_LeavingAHole_DoesNotShowWhatWasThereBefore()
    {
        var history = new RetransmissionHistory(Capacity);
        for (ulong index = 0; index < 1024; index++) history.Add(index, PacketOf(index));
        history.Add(1030, PacketOf(1030));                             // 1,024 to 1,029 were never sent

        for (ulong index = 1024; index < 1030; index++) Assert.Equal(ResendVerdict.Unknown, Ask(history, 0, 1030, index, out _, out _));
        Assert.True(history.Add(1026, PacketOf(1026)));                // a late one takes its place
        Assert.Equal(ResendVerdict.Resend, Ask(history, 0, 1030, 1026, out _, out _));
        Assert.False(history.Add(2, PacketOf(2)));
    }

    [Fact]
    public void Clear_AfterAKeyFrameRequest_KnowsNothing()
    {
        var history = new RetransmissionHistory(Capacity);
        history.Add(5, PacketOf(5));
        history.Clear();

        Assert.Equal(ResendVerdict.Unknown, Ask(history, 0, 5, 5, out _, out _));
    }

    [Fact]
    public void TryResend_EmptyHistory_KnowsNothing() => Assert.Equal(ResendVerdict.Unknown, Ask(new RetransmissionHistory(Capacity), 0, 0, 0, out _, out _));

    // The model is a dictionary of 48-bit indices.
    [Fact]
    public void TryResend_AnySequenceOfSends_AnswersAsTheModel() =>
        Gen.Select(
            Gen.ULong[0, 0xFFFF_FFFF], Gen.Frequency((10, Gen.Int[1, 3]), (1, Gen.Int[-40, 1500])).Array[1, 400], Gen.Int[0, 2000].Array[30]).Sample(
            (start, steps, asked) =>
            {
                var history = new RetransmissionHistory(Capacity);
                var model = new Dictionary<ulong, SentPacket>();
                ulong highest = start;
                history.Add(start, PacketOf(start));
                model[start] = PacketOf(start);
                foreach (int step in steps)
                {
                    ulong index = highest + (ulong)step;
                    if (step < 0 && (ulong)-step > highest) continue;
                    highest = Math.Max(highest, index);
                    if (!history.Add(index, PacketOf(index))) return false;
                    model[index] = PacketOf(index);
                }

                foreach (ulong back in asked.Select(back => (ulong)back).Where(back => back <= highest).Distinct())
                {
                    ulong index = highest - back;
                    bool known = back < Capacity && model.ContainsKey(index);
                    ResendVerdict verdict = Ask(history, 0, highest, index, out SentPacket packet, out ulong found);
                    if (verdict != (known ? ResendVerdict.Resend : ResendVerdict.Unknown)) return false;
                    if (known && (packet != model[index] || found != index)) return false;
                }

                return true;
            },
            iter: 2_000);

    [Fact]
    public void AddAndTryResend_100000Packets_AllocateNothing()
    {
        var history = new RetransmissionHistory(Capacity);
        history.Add(0, PacketOf(0));
        Ask(history, 0, 0, 0, out _, out _);
        int resent = 0;
        long allocated = Allocations.Of(100_000, i =>
        {
            ulong index = (ulong)i + 1;
            history.Add(index, PacketOf(index));
            if (index % 5 == 0 && Ask(history, index, index, index - 1, out _, out _) == ResendVerdict.Resend) resent++;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(20_200, resent);
    }
}
