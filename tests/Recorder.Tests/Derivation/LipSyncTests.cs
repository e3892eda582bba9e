using System.Globalization;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using Sfu.Tests;
using Xunit.Abstractions;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>Flash and beep at the tap, on virtual time: two white pictures of 30 a second and 67 ms of 1 kHz, about once a second, in every
/// file that a derivation makes of them. SFU_DERIVE_SECONDS=3600 makes it the hour of the acceptance line.</summary>
/// <remarks>The period is not a whole number of pictures of any output: all phases occur.</remarks>
public sealed class LipSyncTests(ITestOutputHelper output)
{
    private const double Gate = 0.020;
    private const long Period = 1_013_700_000;
    private const long Start = 2_500_000_000;           // pictures begin as much later than sound
    private const int Rate = 30;
    private const double Flash = 2.0 * Period / Rate / Second;
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("SFU_DERIVE_SECONDS") ?? "60", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(MediaCodec.Vp8, 0)]
    [InlineData(MediaCodec.Vp8, 0.05)]
    [InlineData(MediaCodec.H264, 0.05)]
    public void Run_TrackFiles_SoundAndPictureAgree(MediaCodec codec, double loss)
    {
        using var folder = new TempFolder();
        SyntheticRecording recording = Record(loss, codec);
        DerivationManifest both = Derivations.Run(recording, folder.File("both"), DerivationKind.Track, track: 1, withSound: true).Manifest;
        DerivationManifest wav = Derivations.Run(recording, folder.File("wav"), DerivationKind.Audio).Manifest;
        string file = Path.Combine(folder.File("both"), "d1", both.Files[0].Name), sound = Path.Combine(folder.File("wav"), "d1", wav.Files[0].Name);

        FfmpegTool.AssertDecodesCleanly(file);
        Check($"one file of both ({codec})", loss, LipSync.Offsets(file, Flash));
        List<double> flashes = [.. LipSync.Flashes(file, Flash).Select(at => at + both.Files[0].StartMs / 1000)];
        Check($"pictures ({codec}) and WAV, by their places in the recording", loss, LipSync.Offsets(flashes, LipSync.Beeps(sound, Flash)));
        Assert.InRange(both.Files[0].DurationMs, recording.Length.Milliseconds - 50, recording.Length.Milliseconds + 50);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void Run_Composite_SoundAndPictureAgree(double loss)
    {
        using var folder = new TempFolder();
        SyntheticRecording recording = Record(loss);
        // Another camera of another rate: its pictures come at all places between those of the first.
        recording.Add("bob", Repeat(Video(MediaCodec.Vp8, 160, 90, 24, 24, ssrc: 5), Seconds, Second), source: "camera");
        string made = Derivations.Run(recording, folder.Path, DerivationKind.Composite, composite: new CompositeOptions { Width = 320, Height = 180, Preset = "ultrafast" }).Folder;
        string path = Path.Combine(made, "composite.mp4");

        FfmpegTool.AssertDecodesCleanly(path);
        Check("composite", loss, LipSync.Offsets(path, Flash, crop: "iw/8:ih/8:iw/8:ih/2"));
        Assert.InRange(FfmpegTool.Duration(path), recording.Length.Milliseconds / 1000.0 - 0.05, recording.Length.Milliseconds / 1000.0 + 0.05);
    }

    // The sender's wall clock runs 100 ppm fast, its sound device 200 ppm faster still; lost packets of pictures are mostly repaired late.
    private static SyntheticRecording Record(double loss, MediaCodec codec = MediaCodec.Vp8)
    {
        const double Wall = 100e-6, Device = 300e-6;
        var recording = new SyntheticRecording { Loss = loss, Repaired = 0.9, Skew = Wall, JitterMilliseconds = 40 };
        long from = 14 * Period / Rate, to = 16 * Period / Rate;
        List<EncodedUnit> second = Video(codec, 160, 90, Rate, Rate, isFlash: at => (at + 1) * Rate / Second is 14 or 15);
        recording.Add("ann", Repeat([.. second.Select((unit, i) => unit with { At = Start + i * Period / Rate })], Seconds, Period));
        int packets = (int)((Seconds * Period + Start) / (20 * Millisecond));
        recording.Add("ann", Opus(packets, isBeep: at => at >= Start && (at - Start) % Period is var place && place >= from && place < to, skew: Device), deviceSkew: Device);
        return recording;
    }

    private void Check(string what, double loss, double[] offsets)
    {
        double worst = LipSync.Percentile99(offsets);
        output.WriteLine($"{what}, {loss:P0} loss: {offsets.Length} of {Seconds}, mean {offsets.Average() * 1000:F1} ms, p99 {worst * 1000:F1} ms, {offsets.Min() * 1000:F1} to {offsets.Max() * 1000:F1} ms");
        Assert.InRange(offsets.Length, Seconds * (loss > 0 ? 0.4 : 0.95), Seconds);
        Assert.InRange(worst, 0, Gate);
        string name = new([.. $"lip-sync-{what.Split(',')[0]}-{loss * 100:F0}".ToLowerInvariant().Replace(' ', '-').Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')]);
        Figures.Add(name, new FigureRow("Lip sync", string.Create(CultureInfo.InvariantCulture, $"{what}: {Seconds} s at the tap, {loss * 100:F0} % loss, start offset, 200 ppm, p99"),
            string.Create(CultureInfo.InvariantCulture, $"{worst * 1000:F1} ms"), "<= 20 ms", "tests/Recorder.Tests/Derivation/LipSyncTests.cs"));
    }

    private static List<EncodedUnit> Repeat(List<EncodedUnit> units, int times, long period) =>
        [.. Enumerable.Range(0, times).SelectMany(i => units.Select(unit => unit with { At = unit.At + i * period }))];
}
