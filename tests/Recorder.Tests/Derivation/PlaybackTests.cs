using System.Globalization;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Tests;
using Xunit.Abstractions;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>What happens to a stream in a call, at the tap and on virtual time: every file that is made of it decodes in ffmpeg without a
/// word, plays in Chromium to its end, and lasts as long as the clock on the wall did.</summary>
public sealed class PlaybackTests(ChromiumPlayer chromium, ITestOutputHelper output) : IClassFixture<ChromiumPlayer>
{
    private const double Tolerance = 50;                // ms
    private const long Day = 86_400 * Second;

    [Theory]
    [InlineData("codec switch")]
    [InlineData("resolution change")]
    [InlineData("resolution change H.264")]
    [InlineData("rotation")]
    [InlineData("rotation H.264")]
    [InlineData("simulcast layer flaps")]
    [InlineData("new SSRC")]
    [InlineData("new SSRC H.264")]
    [InlineData("10 minutes of mute")]
    [InlineData("10 minutes of mute H.264")]
    [InlineData("DTX")]
    [InlineData("late join")]
    [InlineData("pictures begin late")]
    [InlineData("pictures begin late H.264")]
    [InlineData("25 hours, all counters wrap")]
    public void Run_Case_PlaysAndLastsAsLongAsTheCall(string name)
    {
        using var folder = new TempFolder();
        SyntheticRecording recording = Make(name);
        (string made, DerivationManifest manifest) = Derivations.Run(recording, folder.File("tracks"), DerivationKind.Track, withSound: true);
        double worst = CheckParts(recording, manifest);
        List<(string Path, DerivedFile File)> files = [.. manifest.Files.Select(file => (Path.Combine(made, file.Name), file))];
        // Sound of a day is 8 GB. What is decoded of H.264 is in the cases of both codecs.
        if (recording.Length.Nanoseconds < Day / 2 && !name.EndsWith("H.264", StringComparison.Ordinal))
        {
            files.AddRange(Whole(recording, folder.File("wav"), DerivationKind.Audio, ref worst));
            files.AddRange(Whole(recording, folder.File("composite"), DerivationKind.Composite, ref worst));
        }
        foreach ((string path, DerivedFile file) in files) worst = Math.Max(worst, CheckFile(path, file));

        output.WriteLine($"{name}: {files.Count} files, at most {worst:F0} ms off");
        string key = new([.. $"plays-{name}".ToLowerInvariant().Replace(' ', '-').Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')]);
        Figures.Add(key, new FigureRow("Duration", $"{name}: {files.Count} files play in ffmpeg and Chromium, worst difference to the wall time",
            string.Create(CultureInfo.InvariantCulture, $"{worst:F0} ms"), "<= 50 ms", "tests/Recorder.Tests/Derivation/PlaybackTests.cs"));
    }

    private static SyntheticRecording Make(string name)
    {
        var recording = new SyntheticRecording { Skew = 100e-6, JitterMilliseconds = 20 };
        MediaCodec codec = name.EndsWith("H.264", StringComparison.Ordinal) ? MediaCodec.H264 : MediaCodec.Vp8;
        switch (name.Replace(" H.264", "", StringComparison.Ordinal))
        {
            case "codec switch":
                recording.Add("ann", [.. Camera(MediaCodec.Vp8, 0, 2), .. Camera(MediaCodec.H264, 2, 4), .. Camera(MediaCodec.Vp8, 4, 6)]);
                recording.Add("ann", [.. Sound(0, 3), .. Enumerable.Range(0, 50).Select(i => Telephone(3 * Second + i * 20 * Millisecond)), .. Sound(4, 6)]);
                break;
            case "resolution change":
                recording.Add("ann", [.. Camera(codec, 0, 2), .. Camera(codec, 2, 4, 1920, 1080), .. Camera(codec, 4, 6, 640, 360), .. Camera(codec, 6, 7)]);
                recording.Add("ann", Sound(0, 7));
                break;
            case "rotation":
                // The phone is turned at 1 s, between key frames; the next of them is at 3 s.
                recording.Add("ann", [.. Camera(codec, 0, 6, keyInterval: 75).Select((unit, i) => unit with { Rotation = i < 25 ? 0 : i < 100 ? 90 : 270 })]);
                recording.Add("ann", Sound(0, 6));
                break;
            case "simulcast layer flaps":
                recording.Add("ann", [.. Merge(Camera(codec, 0, 8, 160, 90, ssrc: 1), Camera(codec, 0, 1.2, 640, 360, ssrc: 2), Camera(codec, 2, 3.4, 640, 360, ssrc: 2), Camera(codec, 5, 8, 640, 360, ssrc: 2))],
                    encodings: new Dictionary<uint, string> { [1] = "q", [2] = "f" });
                recording.Add("ann", Sound(0, 8));
                break;
            case "new SSRC":
                recording.Add("ann", [.. Camera(codec, 0, 2, ssrc: 1), .. Camera(codec, 2, 4, ssrc: 3), .. Camera(codec, 4, 6, ssrc: 1_000_000)]);
                recording.Add("ann", [.. Sound(0, 3, ssrc: 2), .. Sound(3, 6, ssrc: 4)]);
                break;
            case "10 minutes of mute":
                recording.Add("ann", [.. Camera(codec, 0, 4), .. Camera(codec, 604, 608)]);
                recording.Add("ann", [.. Sound(0, 4), .. Sound(604, 608)]);
                break;
            case "DTX":
                // Speech for a second, then for two a packet each 400 ms: sequence numbers go on, time stamps jump.
                recording.Add("ann", Camera(codec, 0, 9));
                recording.Add("ann", [.. Sound(0, 9).Where((_, i) => i % 150 < 50 || i % 20 == 0)]);
                break;
            case "late join":
                recording.Add("ann", Camera(codec, 0, 8));
                recording.Add("ann", Sound(0, 8));
                recording.Add("bob", Camera(MediaCodec.H264, 5, 8, ssrc: 7));
                recording.Add("bob", Sound(5.5, 8, ssrc: 8));
                break;
            case "pictures begin late":
                recording.Add("ann", Camera(codec, 2.5, 6));
                recording.Add("ann", Sound(0, 6));
                break;
            default:
                recording.Add("ann", [.. Enumerable.Range(0, 6).SelectMany(i => Camera(codec, i * 18_000, i * 18_000 + 2))]);
                recording.Add("ann", [.. Enumerable.Range(0, 6).SelectMany(i => Sound(i * 18_000, i * 18_000 + 2))]);
                break;
        }
        return recording;
    }

    private static List<EncodedUnit> Camera(MediaCodec codec, double from, double to, int width = 320, int height = 180, uint ssrc = 1, int keyInterval = 50) =>
        Video(codec, width, height, (int)Math.Round((to - from) * 25), start: (long)(from * Second), ssrc: ssrc, keyInterval: keyInterval);

    private static List<EncodedUnit> Sound(double from, double to, uint ssrc = 2) =>
        Opus((int)Math.Round((to - from) * 50), (long)(from * Second), isBeep: at => at % Second < 500 * Millisecond, ssrc: ssrc);

    private static EncodedUnit Telephone(long at) =>
        new() { Codec = MediaCodec.Pcmu, At = at, Duration = 20 * Millisecond, Data = Enumerable.Repeat((byte)0xFF, 160).ToArray(), Channels = 1, Ssrc = 2 };

    // Of each track and encoding: from the first thing sent to the end of the last, parts and gaps follow each other, and what is in no file
    // was said to be left out.
    private static double CheckParts(SyntheticRecording recording, DerivationManifest manifest)
    {
        double worst = 0;
        foreach (IGrouping<(int Track, string Encoding), DerivedFile> files in manifest.Files.GroupBy(file => (file.Track, file.Encoding)))
        {
            SourceTrack track = recording.Tracks[files.Key.Track - 1];
            EncodedUnit[] sent = [.. recording.Sent(track.Number).Where(unit => (track.Encodings.GetValueOrDefault(unit.Ssrc) ?? "") == files.Key.Encoding)];
            if (track.IsVideo) sent = [.. sent, .. recording.Tracks.Where(other => !other.IsVideo && other.Participant == track.Participant).SelectMany(other => recording.Sent(other.Number))];
            double at = sent.Min(unit => unit.At) / 1e6, end = sent.Max(unit => unit.At + (unit.IsVideo ? 40 * Millisecond : unit.Duration)) / 1e6;
            foreach (DerivedFile file in files)
            {
                worst = Math.Max(worst, Math.Abs(file.StartMs - file.LeftOutMs - at));
                Assert.Equal(at, file.StartMs - file.LeftOutMs, Tolerance);
                at = file.StartMs + file.DurationMs;
            }
            worst = Math.Max(worst, Math.Abs(end - at));
            Assert.Equal(end, at, Tolerance);
            if (track.IsVideo) Assert.Equal(sent.Count(unit => unit.IsVideo), files.Sum(file => file.VideoFrames + file.LeftOutFrames));
        }
        return worst;
    }

    private static IEnumerable<(string Path, DerivedFile File)> Whole(SyntheticRecording recording, string root, DerivationKind kind, ref double worst)
    {
        (string made, DerivationManifest manifest) = Derivations.Run(recording, root, kind, composite: new CompositeOptions { Width = 320, Height = 180, Preset = "ultrafast" });
        foreach (DerivedFile file in manifest.Files)
        {
            worst = Math.Max(worst, Math.Abs(file.DurationMs - recording.Length.Nanoseconds / 1e6));
            Assert.Equal(recording.Length.Nanoseconds / 1e6, file.DurationMs, Tolerance);
        }
        return manifest.Files.Select(file => (Path.Combine(made, file.Name), file));
    }

    private double CheckFile(string path, DerivedFile file)
    {
        FfmpegTool.AssertDecodesCleanly(path);
        if (file.Track == 0) FfmpegTool.AssertConstantRate(path, 60);
        double told = FfmpegTool.Duration(path) * 1000;
        Assert.True(Math.Abs(file.DurationMs - told) <= Tolerance, $"{file.Name}: {file.DurationMs} ms, ffprobe says {told}");
        ChromiumPlayer.Played played = chromium.Play(path);
        Assert.True(played is { Ended: true, Error: "", Waited: "" }, $"{file.Name}: {played}");
        Assert.True(Math.Abs(file.DurationMs - played.Duration * 1000) <= Tolerance && Math.Abs(file.DurationMs - played.At * 1000) <= Tolerance, $"{file.Name}: {file.DurationMs} ms, {played}");
        Assert.True(file.Video is null || played.Frames > 0 && played.Width > 0, $"{file.Name}: {played}");
        Assert.True(file.Audio is null && !file.Name.StartsWith("composite", StringComparison.Ordinal) || played.SoundBytes > 0, $"{file.Name}: {played}");
        return Math.Max(Math.Abs(file.DurationMs - told), Math.Abs(file.DurationMs - played.Duration * 1000));
    }
}
