using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;

namespace Sfu.Router.Tests.Producers;

public sealed class StreamClockTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void At_SenderReport_GivesItsTimestampAtItsTime()
    {
        var clock = new StreamClock(90_000);
        clock.OnSenderReport(NtpTime.FromUnixNanoseconds(100 * Second), new RtpTimestamp(uint.MaxValue - 44_999));

        Assert.Equal(0u, clock.At(100 * Second + Second / 2 + 7 * Second, 7 * Second).Value);
        Assert.Equal(107 * Second + Second / 2, clock.ToTime(new RtpTimestamp(0), 7 * Second), 100.0);
    }

    [Fact]
    public void OnPacket_BeforeAnyReport_FollowsTheLeastDelayedPacket()
    {
        var clock = new StreamClock(48_000);
        clock.OnPacket(10 * Second + 30_000_000, new RtpTimestamp(0));       // 30 ms late
        clock.OnPacket(10 * Second + 20_000_000, new RtpTimestamp(960));     // in time
        clock.OnPacket(10 * Second + 95_000_000, new RtpTimestamp(1920));    // 55 ms late

        Assert.Equal(960u, clock.At(10 * Second + 20_000_000, 0).Value);
    }

    [Fact]
    public void OnSenderReport_WithoutWallClock_IsIgnored()
    {
        var clock = new StreamClock(48_000);
        clock.OnSenderReport(new NtpTime(0), new RtpTimestamp(5));

        Assert.False(clock.HasReport);
    }

    [Fact]
    public void OnReport_ClockOffset_IsTheLeastOfTheLastMinute()
    {
        var offset = new ClockOffset();
        offset.OnReport(10 * Second, 3 * Second);
        offset.OnReport(11 * Second, 4 * Second + 50_000_000);
        Assert.Equal(7 * Second - 50_000_000, offset.Value);
        offset.OnReport(12 * Second, 5 * Second - 100_000_000);
        Assert.Equal(7 * Second - 50_000_000, offset.Value);
        for (int second = 13; second < 100; second++) offset.OnReport(second * Second, (second - 7) * Second - 20_000_000);
        Assert.Equal(7 * Second + 20_000_000, offset.Value);
    }
}
