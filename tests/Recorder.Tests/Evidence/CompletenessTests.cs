using Sfu.Recorder.Evidence;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Tests.Evidence;

/// <summary>Sent, received, archived: what is missing, since when, and why.</summary>
public sealed class CompletenessTests
{
    private const uint Ssrc = 0x1f2e3d4c;
    private const long Start = 1_772_352_000_000_000;          // 2026-03-01T08:00:00Z in microseconds

    private readonly Completeness _completeness = new();

    public CompletenessTests()
    {
        _completeness.Declare(new TrackFacts(1, "PA_1", "ann", "audio", "microphone"));
        _completeness.Declare(1, Ssrc, "opus", 48_000, null);
    }

    [Fact]
    public void CloseSegment_NumbersMissing_ListsThem()
    {
        Add(100, 111, 0);
        Add(112, 123, 240, new SequenceRange(115, 116));
        Receive(22);

        StreamEntry stream = Stream(_completeness.CloseSegment());

        Assert.Equal((100u, 123u, 22L, 22L), (stream.FirstSeq, stream.LastSeq, stream.Received, stream.Archived));
        Assert.Equal([[115u, 116u]], stream.Lost);
    }

    [Fact]
    public void Seal_LostPackets_GivesTheGapItsTimeLengthAndCause()
    {
        Add(100, 111, 0);
        Add(112, 123, 240, new SequenceRange(115, 116));
        Gap gap = Assert.Single(Seal().Gaps);

        Assert.Equal((1u, GapCause.WireLoss, 40L), (gap.Track, gap.Cause, gap.Milliseconds));
        Assert.Equal(new SequenceRange(115, 116), gap.Numbers);
        Assert.InRange(gap.FromMicroseconds - Start, 240_000, 350_000);   // the third packet of the second chunk
        Assert.Equal("wire_loss", gap.ToEntry().Cause);
    }

    [Fact]
    public void Seal_GapBetweenChunks_IsFound()
    {
        Add(100, 111, 0);
        Add(130, 141, 600);

        Gap gap = Assert.Single(Seal().Gaps);

        Assert.Equal(new SequenceRange(112, 129), gap.Numbers);
        Assert.Equal(360, gap.Milliseconds);
    }

    [Fact]
    public void Seal_PacketThatCameInALaterSegment_IsNotLost()
    {
        Add(100, 111, 0, new SequenceRange(105, 106));
        Assert.Equal([[105u, 106u]], Stream(_completeness.CloseSegment()).Lost);
        Add(105, 123, 240, new SequenceRange(106, 111));       // 105 came late
        Receive(23);
        StreamEntry second = Stream(_completeness.CloseSegment());

        CompletenessReport report = _completeness.Seal(default);

        Assert.Empty(second.Lost);
        Assert.Equal([[106u, 106u]], Stream(report.Tracks).Lost);
        Assert.Equal(new SequenceRange(106, 106), Assert.Single(report.Gaps).Numbers);
        Assert.Equal(20, report.Gaps[0].Milliseconds);
    }

    [Fact]
    public void Seal_Withheld_IsNoLoss()
    {
        Add(100, 111, 0);
        _completeness.Withhold(1, Ssrc, new SequenceRange(112, 161));
        _completeness.Explain(new DeclaredSpan(0, GapCause.Paused, Start + 240_000, Start + 1_240_000));
        Add(163, 174, 1240);                                   // and 162 was lost

        CompletenessReport report = Seal();

        StreamEntry stream = Stream(report.Tracks);
        Assert.Equal([[162u, 162u]], stream.Lost);
        Assert.Equal([[112u, 161u]], stream.Withheld);
        Assert.Equal([GapCause.Paused, GapCause.WireLoss], report.Gaps.Select(gap => gap.Cause).Order().Reverse());
        Assert.Equal(1000, report.Gaps.Single(gap => gap.Cause == GapCause.Paused).Milliseconds);
    }

    [Theory]
    [InlineData(GapCause.IceDisconnect)]
    [InlineData(GapCause.RecorderFault)]
    public void Seal_LossWithinADeclaredSpan_HasItsCause(GapCause cause)
    {
        Add(100, 111, 0);
        Add(200, 211, 2000);
        _completeness.Explain(new DeclaredSpan(1, cause, Start + 240_000, Start + 2_000_000));

        Assert.Equal(cause, Assert.Single(Seal().Gaps).Cause);
    }

    [Fact]
    public void Seal_ClockJumpsWithoutLostNumbers_IsSilence()
    {
        Add(100, 111, 0);
        for (uint i = 0; i < 5; i++) _completeness.Add(Chunk(112 + i, 112 + i, 640 + 400 * i, 111 * 960 + (i + 1) * 400 * 48));

        CompletenessReport report = Seal();

        Gap gap = Assert.Single(report.Gaps);
        Assert.Equal((GapCause.Dtx, 2000L), (gap.Cause, gap.Milliseconds));
        Assert.Null(gap.Numbers);
        Assert.Equal(95, report.Quality.Score);                // no sender report, nothing lost
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 0)]
    [InlineData(7, 4)]
    public void Seal_SenderReports_CountWhatWasSent(int lost, int notSent)
    {
        uint skip = (uint)notSent;
        Add(100, 111, 0);
        for (int i = 0; i < 4; i++) _completeness.SenderReport(1, Ssrc, 5000);
        Add(112 + skip, 131 + skip + (uint)lost, 240, [.. lost == 0 ? Array.Empty<SequenceRange>() : [new SequenceRange(120 + skip, 119 + skip + (uint)lost)]]);
        for (int i = 0; i < 8; i++) _completeness.SenderReport(1, Ssrc, 5020 + (uint)lost);
        Receive(32);

        StreamEntry stream = Stream(Seal().Tracks);

        Assert.Equal(lost, stream.SenderPackets - stream.Received);
        Assert.Equal(lost + notSent, stream.Lost.Sum(range => range[1] - range[0] + 1));
    }

    [Fact]
    public void SenderReport_CountsWhatWasSentAgain_IsNoLoss()
    {
        Add(100, 111, 0);
        for (int i = 0; i < 4; i++) _completeness.SenderReport(1, Ssrc, 5000);
        Add(112, 123, 240);
        for (int i = 0; i < 8; i++) _completeness.SenderReport(1, Ssrc, 5012 + 30);     // 30 of them over RTX

        Assert.Equal(24, Stream(Seal().Tracks).SenderPackets);
    }

    /// <summary>The bound of S: a report says how many packets were sent, not which. So as many skipped numbers as packets were sent again look like
    /// packets lost on the way. They are never hidden: they are listed as lost, and S never falls below R.</summary>
    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 2)]
    [InlineData(9, 3, 3)]
    public void SenderReport_NumbersSkippedBehindRepeatedOnes_AreTakenForLost(uint repeated, uint skipped, int taken)
    {
        Add(100, 111, 0);
        for (int i = 0; i < 4; i++) _completeness.SenderReport(1, Ssrc, 5000);
        Add(112, 123, 240);
        for (int i = 0; i < 8; i++) _completeness.SenderReport(1, Ssrc, 5012 + repeated);
        Add(124 + skipped, 135 + skipped, 480);
        for (int i = 0; i < 8; i++) _completeness.SenderReport(1, Ssrc, 5024 + repeated);
        Receive(36);

        StreamEntry stream = Stream(Seal().Tracks);

        Assert.Equal(taken, stream.SenderPackets - stream.Received);
        Assert.Equal([new uint[] { 124, 123 + skipped }], stream.Lost);
    }

    [Fact]
    public void SenderReport_BetweenPacketsOfAChunk_CountsWhatCameBeforeIt()
    {
        for (uint i = 0; i < 12; i++)
        {
            Add(100 + 10 * i, 109 + 10 * i, 200 * i);
            uint before = 100 + 10 * i + 3 * i % 10;               // others of the chunk came after the report
            _completeness.SenderReport(1, Ssrc, 5000 + before, (ushort)before);
        }

        Assert.Equal(120, Stream(Seal().Tracks).SenderPackets);
    }

    [Fact]
    public void SenderReport_CountWraps_GoesOn()
    {
        Add(100, 111, 0);
        _completeness.SenderReport(1, Ssrc, uint.MaxValue - 5);
        Add(112, 123, 240);
        _completeness.SenderReport(1, Ssrc, 6);

        Assert.Equal(24, Stream(Seal().Tracks).SenderPackets);
    }

    [Fact]
    public void Receipt_MoreReceivedThanArchived_ScoresZeroAndSaysSo()
    {
        Add(100, 111, 0);
        _completeness.Receipt(1, Ssrc, 13, 12);
        StreamEntry stream = Stream(_completeness.CloseSegment());

        Assert.False(_completeness.IsArchived);
        Assert.Equal(1, _completeness.Unarchived);
        Assert.Equal((13L, 12L), (stream.Received, stream.Archived));
        Assert.Equal(0, _completeness.Seal(default).Quality.Score);
    }

    [Fact]
    public void Seal_OnePercentOfTheAudioLost_CostsFourPoints()
    {
        for (uint i = 0; i < 100; i++) Add(1 + 10 * i, 10 + 10 * i, 200 * i, i == 50 ? new SequenceRange(502, 508) : null, i == 70 ? new SequenceRange(703, 705) : null);
        _completeness.SenderReport(1, Ssrc, 1000);

        QualityEntry quality = Seal().Quality;

        Assert.Equal(96, quality.Score, 0.1);
        ParticipantQuality ann = Assert.Single(quality.Participants);
        Assert.Equal(("ann", 200L, 140L), (ann.Identity, ann.LostAudioMs, ann.LongestGapMs));
    }

    [Fact]
    public void Seal_InBadConditions_TakesTheirPoints()
    {
        for (uint i = 0; i < 1000; i++) Add(1 + 10 * i, 10 + 10 * i, 200 * i);

        Assert.Equal(100 - 5 - 10 - 5, Close(new QualityConditions(true, 41)).Quality.Score);
    }

    [Fact]
    public void Interrupt_BetweenChunks_ExplainsTheLoss()
    {
        Add(100, 111, 0);
        _completeness.Interrupt(Start + 240_000, Start + 3_240_000, "recorder_restarted");
        Add(262, 273, 3240);

        CompletenessReport report = Seal();

        Assert.Equal(GapCause.RecorderFault, Assert.Single(report.Gaps).Cause);
        Assert.Equal("2026-03-01T08:00:00.240Z", Assert.Single(report.Interruptions).FromUtc);
    }

    private static StreamEntry Stream(IReadOnlyList<TrackEntry> tracks) => Assert.Single(Assert.Single(tracks).Streams);

    private static ChunkFacts Chunk(uint first, uint last, long milliseconds, long clock, params SequenceRange[] holes) => new(
        1, new byte[32], Start + milliseconds * 1000,
        [new StreamIndex(Ssrc, first, last, (uint)(last - first + 1 - holes.Sum(hole => hole.Count)), 0, 0, 100, clock, holes)]);

    /// <summary>A chunk of 20 ms packets, whose clock follows the numbers.</summary>
    private void Add(uint first, uint last, long milliseconds, params SequenceRange?[] holes) =>
        _completeness.Add(Chunk(first, last, milliseconds, last * 960L, [.. holes.OfType<SequenceRange>()]));

    private void Receive(long packets) => _completeness.Receipt(1, Ssrc, packets, packets);

    private CompletenessReport Seal() => Close(default);

    private CompletenessReport Close(QualityConditions conditions)
    {
        _completeness.CloseSegment();
        return _completeness.Seal(conditions);
    }
}
