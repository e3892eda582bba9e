using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Feedback;

namespace Sfu.Router.Tests.Feedback;

public sealed class RoundTripEstimateTests
{
    private static readonly NtpTime Now = NtpTime.FromUnixNanoseconds(1_800_000_000_000_000_000);

    [Fact]
    public void OnReport_FirstSample_IsTaken()
    {
        var estimate = new RoundTripEstimate();
        Assert.Equal(TimeSpan.FromMilliseconds(100), estimate.OrGuess);
        estimate.OnReport(Now, Block(elapsed: 65_536 / 2, delay: 65_536 / 4));
        Assert.Equal(TimeSpan.FromMilliseconds(250), estimate.Value);
    }

    [Theory]
    [InlineData(0u, 0u)]                                       // no sender report yet
    [InlineData(11u * 65_536, 0u)]                             // longer than anybody would wait
    [InlineData(65_536u, 131_072u)]                            // more delay than time
    public void OnReport_WhatCannotBe_IsIgnored(uint elapsed, uint delay)
    {
        var estimate = new RoundTripEstimate();
        estimate.OnReport(Now, elapsed == 0 ? default : Block(elapsed, delay));
        Assert.Equal(TimeSpan.Zero, estimate.Value);
    }

    [Fact]
    public void OnReport_ClockReadSlightlyLate_CountsAsNoTime()
    {
        var estimate = new RoundTripEstimate();
        estimate.OnReport(Now, Block(elapsed: 1000, delay: 1010));
        Assert.InRange(estimate.Value, TimeSpan.FromTicks(1), TimeSpan.FromTicks(1));
    }

    [Fact]
    public void OnReport_Samples_AreSmoothed()
    {
        var estimate = new RoundTripEstimate();
        estimate.OnReport(Now, Block(6554, 0));
        estimate.OnReport(Now, Block(65_536, 0));
        Assert.InRange(estimate.Value.TotalMilliseconds, 211, 214);
    }

    private static ReportBlock Block(uint elapsed, uint delay) => new(new Ssrc(1), 0, 0, 0, 0, Now.Middle32 - elapsed, delay);
}
