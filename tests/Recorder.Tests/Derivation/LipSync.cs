namespace Sfu.Recorder.Tests.Derivation;

/// <summary>Measures how far sound and picture are apart in files of flashes and beeps, about one each second.</summary>
/// <remarks>A flash or beep whose beginning or end is missing says nothing of when it began: it is left out.</remarks>
internal static class LipSync
{
    private const double White = 150;
    private const int Loud = 3000;
    private const double LongestPicture = 0.06;

    /// <summary>Time of each flash minus that of its beep, in seconds.</summary>
    /// <param name="path">A file of both.</param>
    /// <param name="length">How long flashes and beeps are, in seconds.</param>
    /// <param name="crop">Where the flashes are in the picture.</param>
    internal static double[] Offsets(string path, double length, string crop = "iw:ih:0:0") => Offsets(Flashes(path, length, crop), Beeps(path, length));

    /// <summary>Time of each flash minus that of its beep, in seconds.</summary>
    internal static double[] Offsets(IReadOnlyList<double> flashes, IReadOnlyList<double> beeps)
    {
        var offsets = new List<double>();
        int next = 0;
        foreach (double flash in flashes)
        {
            while (next + 1 < beeps.Count && Math.Abs(beeps[next + 1] - flash) < Math.Abs(beeps[next] - flash)) next++;
            if (next < beeps.Count && Math.Abs(beeps[next] - flash) < 0.4) offsets.Add(flash - beeps[next]);
        }
        return [.. offsets];
    }

    /// <summary>When flashes begin, in seconds from time 0 of the file.</summary>
    internal static List<double> Flashes(string path, double length, string crop = "iw:ih:0:0")
    {
        List<(double At, double Mean)> pictures = FfmpegTool.Brightness(path, crop);
        var flashes = new List<double>();
        int from = 0;
        for (int i = 1; i < pictures.Count; i++)
        {
            bool isWhite = pictures[i].Mean >= White, wasWhite = pictures[i - 1].Mean >= White;
            if (isWhite && !wasWhite) from = pictures[i].At - pictures[i - 1].At < LongestPicture ? i : 0;
            if (isWhite || !wasWhite || from == 0) continue;
            double lasted = pictures[i].At - pictures[from].At;
            if (lasted > length * 0.75 && lasted < length * 1.4) flashes.Add(pictures[from].At);
        }
        return flashes;
    }

    /// <summary>When beeps begin, in seconds from time 0 of the file.</summary>
    internal static List<double> Beeps(string path, double length)
    {
        const int Window = 9600;
        short[] samples = FfmpegTool.Samples(path);
        var beeps = new List<double>();
        for (int i = 0; i < samples.Length; i++)
        {
            if (Math.Abs((int)samples[i]) < Loud) continue;
            int last = Math.Min(samples.Length, i + Window) - 1;
            while (Math.Abs((int)samples[last]) < Loud) last--;
            if (last - i > (length - 0.003) * 48_000) beeps.Add(i / 48_000.0);
            i += 30_000;                                 // the next is a second away
        }
        return beeps;
    }

    /// <summary>How far apart they are in all but one of a hundred cases.</summary>
    internal static double Percentile99(double[] offsets)
    {
        double[] sorted = [.. offsets.Select(Math.Abs).Order()];
        return sorted[(int)Math.Ceiling(sorted.Length * 0.99) - 1];
    }
}
