using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Tests.Timeline;

public sealed class SenderClockTests
{
    private const long Start = 1_800_000_000_000_000_000; // nanoseconds since the Unix epoch

    [Fact]
    public void TryGet_BeforeAnything_SaysFalse() =>
        Assert.False(new SenderClock(48_000).TryGetUnixNanoseconds(new RtpTimestamp(5), out _));

    [Fact]
    public void TryGet_BeforeTheFirstReport_CountsFromTheFirstArrival()
    {
        var clock = new SenderClock(48_000);
        clock.OnPacket(new RtpTimestamp(1000), Start);
        clock.OnPacket(new RtpTimestamp(1960), Start + 70_000_000); // a late second packet does not move the anchor

        Assert.True(clock.TryGetUnixNanoseconds(new RtpTimestamp(1000 + 48_000), out long at));
        Assert.Equal(Start + 1_000_000_000, at);
        Assert.False(clock.IsExact);
    }

    [Fact]
    public void TryGet_AfterAReport_UsesTheSendersClock()
    {
        var clock = new SenderClock(90_000);
        clock.OnPacket(new RtpTimestamp(0), Start + 5_000_000_000);
        clock.OnSenderReport(NtpTime.FromUnixNanoseconds(Start), new RtpTimestamp(0));

        Assert.True(clock.TryGetUnixNanoseconds(new RtpTimestamp(90), out long at));
        Assert.InRange(at, Start + 1_000_000 - 1, Start + 1_000_000);
        Assert.True(clock.IsExact);
    }

    [Fact]
    public void OnSenderReport_WithoutWallClock_IsIgnored()
    {
        var clock = new SenderClock(90_000);
        clock.OnSenderReport(default, new RtpTimestamp(7));

        Assert.False(clock.TryGetUnixNanoseconds(new RtpTimestamp(7), out _));
    }

    [Fact]
    public void TryGet_AroundTheWrap_StaysContinuous() =>
        Gen.Select(Gen.UInt, Gen.Int[-1_000_000_000, 1_000_000_000]).Sample((anchor, ticks) =>
        {
            var clock = new SenderClock(90_000);
            clock.OnPacket(new RtpTimestamp(anchor), Start);
            clock.TryGetUnixNanoseconds(new RtpTimestamp(anchor).Add(ticks), out long at);
            return at == Start + (long)ticks * 1_000_000_000 / 90_000;
        });
}
