namespace Sfu.Recorder.Tests.Derivation;

/// <summary>Measures how far sound and picture are apart in a file of flashes and beeps, one each second.</summary>
internal static class LipSync
{
    private const double White = 150;
    private const int Loud = 3000;

    /// <summary>Time of each flash minus that of its beep, in seconds; flashes whose frame is missing are left out.</summary>
    /// <remarks>The sources have a frame at each full second.</remarks>
    internal static double[] Offsets(string path, string crop = "iw:ih:0:0")
    {
        List<double> beeps = Beeps(FfmpegTool.Samples(path));
        List<(double At, double Mean)> frames = FfmpegTool.Brightness(path, crop);
        var offsets = new List<double>();
        for (int i = 1; i < frames.Count; i++)
        {
            bool isContinuous = frames[i].At - frames[i - 1].At < 0.06;
            if (frames[i].Mean < White || frames[i - 1].Mean >= White || !isContinuous) continue;
            double beep = beeps.MinBy(at => Math.Abs(at - frames[i].At));
            if (Math.Abs(frames[i].At - beep) < 0.5) offsets.Add(frames[i].At - beep);
        }
        return [.. offsets];
    }

    // A beep that lacks its first packets says nothing of when it began: it is left out, as a lost flash is.
    private static List<double> Beeps(short[] samples)
    {
        var beeps = new List<double>();
        for (int i = 0; i < samples.Length; i++)
        {
            if (Math.Abs((int)samples[i]) < Loud) continue;
            int last = Array.FindLastIndex(samples, Math.Min(samples.Length - 1, i + 9600), Math.Min(9600, samples.Length - i), sample => Math.Abs((int)sample) >= Loud);
            if (last - i > 0.078 * 48_000) beeps.Add(i / 48_000.0);
            i += 36_000;                                 // the next is a second away
        }
        return beeps;
    }
}
