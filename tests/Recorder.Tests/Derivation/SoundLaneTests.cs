using Sfu.Recorder.Derivation;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class SoundLaneTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(15_000, 0)]
    [InlineData(19_600_000, -200e-6)]
    [InlineData(400_000, 200e-6)]
    public void MixInto_PacketsBesideTheGridOfTheMix_LeavesNoHoles(long beside, double skew)
    {
        const int Block = 480;
        using var lane = new SoundLane(Opus(200, start: beside, isBeep: _ => true, skew: skew));
        var mixed = new List<float>();
        float[] mix = new float[Block * SoundLane.Channels];
        for (int i = 0; i < 390; i++)
        {
            Array.Clear(mix);
            lane.MixInto(mix, (i + 1) * 10 * Millisecond);
            for (int sample = 0; sample < Block; sample++) mixed.Add(mix[sample * SoundLane.Channels]);
        }

        int quiet = 0, longest = 0;
        foreach (float sample in mixed.Skip(9600))      // the encoder begins with silence
        {
            quiet = MathF.Abs(sample) < 0.02f ? quiet + 1 : 0;
            longest = Math.Max(longest, quiet);
        }
        Assert.InRange(longest, 0, 8);                   // a tone of 1 kHz passes zero in two samples
    }
}
