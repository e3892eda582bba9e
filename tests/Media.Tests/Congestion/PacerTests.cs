using CsCheck;
using Sfu.Media.Congestion;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Congestion;

public sealed class PacerTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);

    [Fact]
    public void HasRoom_AfterAPause_IsFourFullPacketsAtAnyRate()
    {
        var pacer = new Pacer(Start, Bitrate.FromKilobits(10));

        Assert.Equal(4, SendAll(pacer, Start, Pacer.FullPacket));
        Assert.Equal(0, SendAll(pacer, Start + TimeSpan.FromSeconds(1), Pacer.FullPacket));
        Assert.Equal(4, SendAll(pacer, Start + TimeSpan.FromSeconds(60), Pacer.FullPacket));
    }

    [Theory]
    [InlineData(16_000, 20_000)]                           // 10 ms of the rate
    [InlineData(100_000, Pacer.LargestBurst)]
    [InlineData(300, 4 * Pacer.FullPacket)]
    public void Burst_OfARate_IsWhatItCarriesInTenMillisecondsWithinItsBounds(long kilobits, int bytes) =>
        Assert.Equal(bytes, new Pacer(Start, Bitrate.FromKilobits(kilobits)).Burst);

    [Fact]
    public void RoomAt_Full_IsWhenSoManyPacketsHaveFlowedOut()
    {
        var pacer = new Pacer(Start, Bitrate.FromKilobits(1200));   // a full packet in 10 ms
        Assert.Equal(Start, pacer.RoomAt(Start, 4));
        SendAll(pacer, Start, Pacer.FullPacket);

        for (int packets = 1; packets <= 4; packets++)
        {
            MediaTime at = pacer.RoomAt(Start, packets);
            Assert.InRange(at - Start, TimeSpan.FromMilliseconds(10 * packets), TimeSpan.FromMilliseconds(10 * packets + 0.001));
        }

        Assert.Equal(pacer.RoomAt(Start, 4), pacer.RoomAt(Start, 100));
        MediaTime due = pacer.RoomAt(Start, 3);
        Assert.Equal(3, SendAll(pacer, due, Pacer.FullPacket));
    }

    [Fact]
    public void OnSentBefore_LiveMediaBelowTheRate_LeavesRoom()
    {
        var pacer = new Pacer(Start, Bitrate.FromKilobits(2500));
        MediaTime now = Start;
        for (int i = 0; i < 100; i++)
        {
            now += TimeSpan.FromMilliseconds(33);
            pacer.OnSentBefore(now, 4125);                 // 1,000 kbit/s
            Assert.True(pacer.HasRoom(now));
        }
    }

    [Fact]
    public void OnSentBefore_ALongTime_FlowedOutOnTheWay()
    {
        var pacer = new Pacer(Start, Bitrate.FromKilobits(2500));
        MediaTime later = Start + TimeSpan.FromDays(1);
        pacer.OnSentBefore(later, long.MaxValue / 16);

        Assert.Equal(0, pacer.Level);
        Assert.True(pacer.HasRoom(later));
    }

    [Fact]
    public void SetRate_Lowered_KeepsTheDebtAndDrainsItSlower()
    {
        var pacer = new Pacer(Start, Bitrate.FromKilobits(48_000));
        int packets = SendAll(pacer, Start, Pacer.FullPacket);
        pacer.SetRate(Start, Bitrate.FromKilobits(1200));

        Assert.Equal(40, packets);                         // 60,000 B
        Assert.Equal(60_000, pacer.Level);
        Assert.Equal(6000, pacer.Burst);
        Assert.InRange(pacer.RoomAt(Start, 1) - Start, TimeSpan.FromMilliseconds(370), TimeSpan.FromMilliseconds(370.001));
    }

    // Whoever asks before it sends: in every span of time no more than rate x time and a burst, whatever the packets and the pauses.
    [Fact]
    public void HasRoom_AnyTimesAndSizes_NeverLetsMoreThroughThanRateAndBurst() =>
        Gen.Select(Gen.Int[50, 20_000], Gen.Select(Gen.Int[0, 30_000], Gen.Int[1, Pacer.FullPacket], Gen.Int[1, 12]).Array[1, 40]).Sample((kilobits, steps) =>
        {
            var pacer = new Pacer(Start, Bitrate.FromKilobits(kilobits));
            var sent = new List<(MediaTime At, int Bytes)>();
            MediaTime now = Start;
            foreach ((int microseconds, int bytes, int wanted) in steps)
            {
                now += TimeSpan.FromMicroseconds(microseconds);
                for (int i = 0; i < wanted && pacer.HasRoom(now); i++)
                {
                    pacer.OnSent(now, bytes);
                    sent.Add((now, bytes));
                }
            }

            for (int from = 0; from < sent.Count; from++)
            {
                long sum = 0;
                for (int to = from; to < sent.Count; to++)
                {
                    sum += sent[to].Bytes;
                    double allowed = pacer.Burst + kilobits * 1000.0 / 8 * (sent[to].At - sent[from].At).TotalSeconds;
                    Assert.True(sum <= allowed + 1, $"{sum} B in {sent[to].At - sent[from].At}, {allowed} allowed");
                }
            }
        }, iter: 200);

    // Live media is a debt to the others, but never one of more than a quarter of a second and a burst.
    [Fact]
    public void RoomAt_AnyLiveMedia_IsNotLaterThanTheBound() =>
        Gen.Select(Gen.Int[300, 20_000], Gen.Select(Gen.Int[0, 100], Gen.Int[0, 2_000_000]).Array[1, 40]).Sample((kilobits, steps) =>
        {
            var pacer = new Pacer(Start, Bitrate.FromKilobits(kilobits));
            TimeSpan bound = Pacer.LongestDebt + TimeSpan.FromSeconds(Pacer.PacketsTogether * Pacer.FullPacket * 8 / (kilobits * 1000.0)) + TimeSpan.FromMilliseconds(1);
            MediaTime now = Start;
            foreach ((int milliseconds, int bytes) in steps)
            {
                now += TimeSpan.FromMilliseconds(milliseconds);
                pacer.OnSentBefore(now, bytes);
                Assert.InRange(pacer.RoomAt(now, Pacer.PacketsTogether) - now, TimeSpan.Zero, bound);
                Assert.Equal(pacer.HasRoom(now), pacer.RoomAt(now, 1) == now);
            }
        }, iter: 300);

    [Fact]
    public void RateMeter_SteadyFlow_ShowsItsRateAfterASecondHoweverOftenItIsLookedAt()
    {
        foreach (int interval in (int[])[5, 40, 250, 1000])
        {
            var meter = new RateMeter();
            meter.Start(Start, 777);
            long bytes = 777;
            for (int elapsed = interval; elapsed <= 5000; elapsed += interval)
            {
                bytes += 125 * interval;                   // 1,000 kbit/s
                Assert.Equal(125 * interval, meter.Look(Start + TimeSpan.FromMilliseconds(elapsed), bytes));
            }

            Assert.InRange(meter.Rate.BitsPerSecond, 990_000, 1_000_001);
        }
    }

    // A key frame right after the beginning says nothing about what the link carries.
    [Fact]
    public void RateMeter_MuchAtTheBeginning_DoesNotLookFast()
    {
        var meter = new RateMeter();
        meter.Start(Start, 0);
        meter.Look(Start + TimeSpan.FromMilliseconds(50), 100_000);

        Assert.InRange(meter.Rate.BitsPerSecond, 799_000, 801_000);
    }

    private static int SendAll(Pacer pacer, MediaTime now, int bytes)
    {
        int packets = 0;
        for (; pacer.HasRoom(now); packets++) pacer.OnSent(now, bytes);
        return packets;
    }
}
