using Sfu.Recorder.Derivation;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class PicturePaceTests
{
    [Fact]
    public void Take_CameraIsNotRegular_NoPictureWaits()
    {
        var random = new Random(3);
        var pace = new PicturePace(30);
        for (int i = 0; i < 3000; i++)
        {
            long at = i * Second / 30 + random.Next(20) * Millisecond;
            Assert.InRange(pace.Take(at), at, (i + 1) * Second / 30);
        }
    }

    [Fact]
    public void Take_AsSoonAsAllowed_KeepsTheAverage()
    {
        var pace = new PicturePace(30);
        int pictures = 0;
        for (long at = 0; at < 100 * Second; at = pace.Take(at)) pictures++;

        Assert.InRange(pictures, 3000, 3010);
    }
}
