using CsCheck;
using Sfu.Media.Congestion;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Congestion;

[Collection("alone")]
public sealed class TransportCcRecorderTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);

    private static MediaTime After(double milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Sends what is due through the real writer and reader, as a transport does.</summary>
    private static List<(ushort Number, bool IsReceived, long Ticks)> Feed(TransportCcRecorder recorder, MediaTime now, List<byte>? counts = null, int room = 1200)
    {
        var statuses = new List<(ushort, bool, long)>();
        while (recorder.TryBegin(now, out SequenceNumber first, out ReadOnlySpan<long> arrivals, out byte count))
        {
            var writer = new RtcpWriter(new byte[room]);
            Assert.True(writer.WriteTransportCc(new Ssrc(1), new Ssrc(2), first, arrivals, count, out int taken));
            recorder.Commit(now, taken);
            counts?.Add(count);
            Assert.Equal(DropReason.None, RtcpReader.Open(writer.Written, out RtcpReader reader));
            Assert.True(reader.MoveNext(out RtcpPacket packet));
            Assert.Equal(DropReason.None, TransportCcFeedback.TryParse(packet, out TransportCcFeedback feedback));
            while (feedback.MoveNext(out TransportCcStatus status)) statuses.Add((status.SequenceNumber.Value, status.IsReceived, status.ArrivalTicks));
        }

        return statuses;
    }

    [Fact]
    public void TryBegin_FewPackets_IsDueAfterTheLongInterval()
    {
        var recorder = new TransportCcRecorder();
        Assert.Equal(MediaTime.Never, recorder.NextDeadline);
        Assert.False(recorder.TryBegin(Start, out _, out _, out _));
        for (int i = 0; i < 13; i++) recorder.OnPacket(After(20 * i), new SequenceNumber((ushort)i));      // sound alone

        Assert.Equal(After(250), recorder.NextDeadline);
        Assert.False(recorder.TryBegin(After(249), out _, out _, out _));
        Assert.Equal(13, Feed(recorder, After(250)).Count);
        Assert.Equal(MediaTime.Never, recorder.NextDeadline);
    }

    [Fact]
    public void TryBegin_ManyPackets_IsDueAfterTheInterval()
    {
        var recorder = new TransportCcRecorder();
        for (int i = 0; i < 15; i++) recorder.OnPacket(After(5 * i), new SequenceNumber((ushort)i));
        Assert.Equal(After(250), recorder.NextDeadline);
        recorder.OnPacket(After(75), new SequenceNumber(15));

        Assert.Equal(After(100), recorder.NextDeadline);
        Assert.False(recorder.TryBegin(After(99), out _, out _, out _));
        Assert.Equal(16, Feed(recorder, After(100)).Count);
    }

    [Fact]
    public void TryBegin_FewPacketsOfManyThatWereSent_DoesNotWaitForTheLongInterval()
    {
        var recorder = new TransportCcRecorder();
        recorder.OnPacket(After(0), new SequenceNumber(1));
        recorder.OnPacket(After(120), new SequenceNumber(16));

        Assert.Equal(After(100), recorder.NextDeadline);
        Assert.Equal(14, Feed(recorder, After(120)).Count(status => !status.IsReceived));
    }

    [Fact]
    public void TryBegin_LossAcrossTheWrap_IsReportedMissing()
    {
        var recorder = new TransportCcRecorder();
        recorder.OnPacket(After(0), new SequenceNumber(65_534));
        recorder.OnPacket(After(10), new SequenceNumber(1));
        recorder.OnPacket(After(5), new SequenceNumber(65_535));

        long ticks = Start.Nanoseconds / 250_000;
        Assert.Equal([((ushort)65_534, true, ticks), ((ushort)65_535, true, ticks + 20), ((ushort)0, false, 0), ((ushort)1, true, ticks + 40)], Feed(recorder, After(250)));
    }

    [Fact]
    public void OnPacket_LateAfterItsReport_IsReportedAgain()
    {
        var recorder = new TransportCcRecorder();
        recorder.OnPacket(After(0), new SequenceNumber(1));
        recorder.OnPacket(After(0), new SequenceNumber(3));
        Feed(recorder, After(250));
        recorder.OnPacket(After(270), new SequenceNumber(2));
        recorder.OnPacket(After(280), new SequenceNumber(4));

        Assert.Equal([(2, true), (3, true), (4, true)], Feed(recorder, After(520)).Select(status => ((int)status.Number, status.IsReceived)));
    }

    [Fact]
    public void OnPacket_ManyWaiting_AreDueAtOnce()
    {
        var recorder = new TransportCcRecorder();
        for (int i = 0; i <= TransportCcRecorder.MaxWaiting; i++) recorder.OnPacket(After(1), new SequenceNumber((ushort)i));

        Assert.Equal(TransportCcRecorder.MaxWaiting + 1, Feed(recorder, After(1)).Count);
    }

    [Fact]
    public void Commit_NothingTaken_TriesAgainLater()
    {
        var recorder = new TransportCcRecorder();
        recorder.OnPacket(Start, new SequenceNumber(1));
        Assert.True(recorder.TryBegin(After(250), out _, out _, out byte first));
        recorder.Commit(After(250), 0);
        for (int i = 2; i < 2 + TransportCcRecorder.Some; i++) recorder.OnPacket(After(300), new SequenceNumber((ushort)i));    // not sooner for those

        Assert.False(recorder.TryBegin(After(349), out _, out _, out _));
        Assert.True(recorder.TryBegin(After(350), out _, out _, out byte second));
        Assert.Equal(first, second);
    }

    [Fact]
    public void TryBegin_SmallRoom_SplitsIntoNumberedFeedbacks()
    {
        var recorder = new TransportCcRecorder();
        for (int i = 0; i < 200; i++) recorder.OnPacket(After(i / 4), new SequenceNumber((ushort)i));
        var counts = new List<byte>();

        Assert.Equal(Enumerable.Range(0, 200), Feed(recorder, After(100), counts, room: 100).Select(status => (int)status.Number));
        Assert.Equal(Enumerable.Range(0, counts.Count).Select(count => (byte)count), counts);
        Assert.True(counts.Count > 1);
    }

    // Every packet that arrived is reported with its time, unless 1,024 later numbers are known before its report is due: then it is
    // forgotten. Jumps of more than 700 may do that.
    [Fact]
    public void TryBegin_AnyLossReorderingAndGaps_ReportsEveryArrival() =>
        Gen.Select(Gen.Int[0, 65_535], Gen.Frequency((300, Gen.Int[-8, 8]), (30, Gen.Int[1, 400]), (1, Gen.Int[1, 1500])).Array[1, 200], Gen.Int[1, 40]).Sample(
            (start, steps, waitMs) =>
            {
                var recorder = new TransportCcRecorder();
                var expected = new Dictionary<long, long>();
                var reported = new Dictionary<long, long>();
                long highest = start, unwrapped = start;
                MediaTime now = Start;
                void Arrive(long sequence)
                {
                    if (highest - sequence < 1024) expected.TryAdd(sequence, now.Nanoseconds / 250_000);
                    highest = Math.Max(highest, sequence);
                    recorder.OnPacket(now, new SequenceNumber((ushort)sequence));
                }

                Arrive(start);
                foreach (int step in steps)
                {
                    now += TimeSpan.FromMilliseconds(waitMs);
                    foreach ((ushort number, bool isReceived, long ticks) in Feed(recorder, now))
                    {
                        unwrapped = highest + (short)(number - (ushort)highest);
                        if (isReceived && reported.TryGetValue(unwrapped, out long before) && (before & 0xFFFF_FFFF) != (ticks & 0xFFFF_FFFF)) return false;
                        if (isReceived) reported[unwrapped] = ticks;
                    }

                    if (highest + step >= start) Arrive(highest + step);
                }

                foreach ((ushort number, bool isReceived, long ticks) in Feed(recorder, now + TransportCcRecorder.LongInterval))
                    if (isReceived) reported[highest + (short)(number - (ushort)highest)] = ticks;
                return recorder.NextDeadline.IsNever
                    && reported.All(pair => expected.TryGetValue(pair.Key, out long ticks) && ticks == pair.Value)
                    && expected.Keys.All(key => reported.ContainsKey(key) || steps.Any(step => step > 700));
            },
            iter: 500);

    [Fact]
    public void OnPacketAndTryBegin_100000Packets_AllocateNothing()
    {
        var recorder = new TransportCcRecorder();
        long reported = 0;
        long allocated = Allocations.Of(100_000, i =>
        {
            MediaTime now = After(i);
            recorder.OnPacket(now, new SequenceNumber((ushort)i));
            while (recorder.TryBegin(now, out _, out ReadOnlySpan<long> arrivals, out _))
            {
                reported += arrivals.Length;
                recorder.Commit(now, arrivals.Length);
            }
        });

        Assert.Equal(0, allocated);
        Assert.True(reported > 100_000, $"{reported}");
    }
}
