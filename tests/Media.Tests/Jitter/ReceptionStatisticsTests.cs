using CsCheck;
using Sfu.Media.Jitter;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Jitter;

[Collection("alone")]
public sealed class ReceptionStatisticsTests
{
    private static readonly Ssrc Stream = new(7);

    // What arrives is chosen per number: lost, once, or twice; reports are taken now and then. The model counts in plain 64-bit numbers.
    [Fact]
    public void TakeReport_AnyPatternOfLossAndDuplicates_CountsAsTheModel() =>
        Gen.Select(Gen.Int[0, 65_535], Gen.Int[0, 5].Array[1, 300], Gen.Int[1, 60]).Sample(
            (start, copies, every) =>
            {
                var statistics = new ReceptionStatistics(90_000);
                var unwrapper = new SequenceUnwrapper();
                long sent = 0, received = 0, sentBefore = 0, receivedBefore = 0, highest = 0;
                for (int i = 0; i < copies.Length; i++)
                {
                    int times = i == 0 ? 1 : copies[i] > 2 ? 1 : copies[i];   // 0 lost, 2 duplicated, else once
                    long truth = start + i;
                    for (int copy = 0; copy < times; copy++)
                    {
                        statistics.OnPacket(MediaTime.FromMilliseconds(i), unwrapper.Unwrap(new SequenceNumber((ushort)truth)), new RtpTimestamp((uint)i));
                        highest = truth;
                        received++;
                    }

                    if (i % every != 0) continue;
                    sent = highest - start + 1;
                    ReportBlock report = statistics.TakeReport(MediaTime.FromMilliseconds(i), Stream);
                    long expected = sent - sentBefore, lost = expected - (received - receivedBefore);
                    long fraction = expected > 0 && lost > 0 ? lost * 256 / expected : 0;
                    if (report.CumulativeLost != sent - received || report.ExtendedHighestSequence != (uint)highest || report.FractionLost != fraction) return false;
                    if (report.Ssrc != Stream || statistics.Lost != sent - received || statistics.Expected != sent || statistics.Received != received) return false;
                    (sentBefore, receivedBefore) = (sent, received);
                }

                return true;
            },
            iter: 5_000);

    // RFC 3550 section A.8 in floating point, over arrival times and time stamps that wrap.
    [Fact]
    public void Jitter_AnyArrivalTimes_FollowsAppendixA8() =>
        Gen.Select(Gen.UInt, Gen.Int[0, 40].Array[2, 200]).Sample(
            (firstTimestamp, waits) =>
            {
                var statistics = new ReceptionStatistics(90_000);
                double jitter = 0, transitBefore = 0;
                long arrival = 1_000_000;
                for (int i = 0; i < waits.Length; i++)
                {
                    arrival += waits[i];
                    double transit = arrival * 90.0 - i * 1800.0;
                    if (i > 0) jitter += (Math.Abs(transit - transitBefore) - jitter) / 16;
                    transitBefore = transit;
                    statistics.OnPacket(MediaTime.FromMilliseconds(arrival), i, new RtpTimestamp(firstTimestamp + (uint)(i * 1800)));
                    if (Math.Abs(statistics.Jitter - jitter) > 2) return false;
                }

                return true;
            },
            iter: 3_000);

    [Fact]
    public void Jitter_SteadyStream_IsZero()
    {
        var statistics = new ReceptionStatistics(48_000);
        for (int i = 0; i < 1000; i++) statistics.OnPacket(MediaTime.FromMilliseconds(20 * i), i, new RtpTimestamp((uint)(960 * i)));

        Assert.Equal(0u, statistics.Jitter);
        Assert.Equal(TimeSpan.Zero, statistics.JitterTime);
    }

    [Fact]
    public void TakeReport_AfterASenderReport_TellsItsAge()
    {
        var statistics = new ReceptionStatistics(90_000);
        statistics.OnPacket(MediaTime.FromSeconds(1), 5, default);
        Assert.Equal((0u, 0u), (statistics.TakeReport(MediaTime.FromSeconds(1), Stream).LastSenderReport, statistics.TakeReport(MediaTime.FromSeconds(1), Stream).DelaySinceLastSenderReport));

        statistics.OnSenderReport(MediaTime.FromSeconds(2), new NtpTime(0x1111_2222_3333_4444));
        ReportBlock report = statistics.TakeReport(MediaTime.FromSeconds(3.5), Stream);

        Assert.Equal(0x2222_3333u, report.LastSenderReport);
        Assert.Equal(98_304u, report.DelaySinceLastSenderReport);      // 1.5 s
    }

    [Fact]
    public void TakeReport_WithoutPackets_ReportsNothingLost()
    {
        ReportBlock report = new ReceptionStatistics(90_000).TakeReport(MediaTime.FromSeconds(1), Stream);

        Assert.Equal((0, 0), (report.FractionLost, report.CumulativeLost));
    }

    [Fact]
    public void TakeReport_LossBeyond24Bits_StaysAtItsLimit()
    {
        var statistics = new ReceptionStatistics(90_000);
        statistics.OnPacket(MediaTime.Zero, 0, default);
        statistics.OnPacket(MediaTime.Zero, 20_000_000, default);

        ReportBlock report = statistics.TakeReport(MediaTime.Zero, Stream);

        Assert.Equal((0x7F_FFFF, 255), (report.CumulativeLost, report.FractionLost));
    }

    [Fact]
    public void OnPacket_100000Packets_AllocatesNothing()
    {
        var statistics = new ReceptionStatistics(90_000);
        statistics.OnPacket(MediaTime.Zero, 0, default);
        statistics.TakeReport(MediaTime.Zero, Stream);
        long allocated = Allocations.Of(100_000, i =>
        {
            statistics.OnPacket(MediaTime.FromMilliseconds(i), i + 1, new RtpTimestamp((uint)i));
            if (i % 100 == 0) statistics.TakeReport(MediaTime.FromMilliseconds(i), Stream);
        });

        Assert.Equal(0, allocated);
    }
}
