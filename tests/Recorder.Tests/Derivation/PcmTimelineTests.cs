using Sfu.Recorder.Derivation;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class PcmTimelineTests
{
    private static readonly float[] Block = [.. Enumerable.Repeat(1f, 960)];

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void Place_FirstBlock_IsWhereItBelongs(int milliseconds)
    {
        var timeline = new PcmTimeline(48_000, 1, 0);

        float[] placed = timeline.Place(milliseconds * Millisecond, Block).ToArray();

        Assert.Equal((20 + milliseconds) * 48, placed.Length);
        Assert.Equal(Math.Max(milliseconds, 0) * 48, placed.TakeWhile(sample => sample == 0).Count());
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-9)]
    public void Place_BehindSilence_IsWhereItBelongs(int milliseconds)
    {
        var timeline = new PcmTimeline(48_000, 1, 0);
        timeline.Place(0, Block);
        timeline.FillTo(100 * Millisecond);

        timeline.Place((100 + milliseconds) * Millisecond, Block);

        Assert.Equal((120 + milliseconds) * 48, timeline.Position);
    }

    [Fact]
    public void Place_SenderRunsSlow_FollowsBySingleSamples()
    {
        var timeline = new PcmTimeline(48_000, 1, 0);
        var all = new List<float>();
        for (int i = 0; i < 1000; i++) all.AddRange(timeline.Place((long)(i * 20 * Millisecond * 1.0003), Block));

        Assert.All(all, sample => Assert.Equal(1f, sample));
        Assert.Equal(1000 * 960 * 1.0003, timeline.Position, 5.0);
    }
}
