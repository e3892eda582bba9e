using System.Text.Json;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class DerivationJobTests
{
    private static readonly Func<long, bool> EachSecond = at => at > 0 && at % Second < 80 * Millisecond;

    [Fact]
    public void Run_Audio_IsAsLongAsTheRecordingToTheSample()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { Skew = 300e-6 };
        // Late join by 5 s, a pause of 10 s, loss of a second, a beep each second.
        recording.Add("ann", [.. Opus(2500, start: 5 * Second, isBeep: EachSecond).Where((_, i) => i is not (> 500 and < 1000) and not (> 1200 and < 1250))]);
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Audio);
        string path = Path.Combine(made, "track-01.wav");

        FfmpegTool.AssertDecodesCleanly(path);
        short[] samples = FfmpegTool.Samples(path);
        Assert.Equal(recording.Length.Nanoseconds * 48 / Millisecond, samples.Length, 480.0);
        Assert.Equal(manifest.Files[0].AudioPackets, samples.Length);
        Assert.All(samples[..(48 * 4990)], sample => Assert.Equal(0, sample));
        foreach (int second in (int[])[7, 12, 26, 33, 54])
        {
            int found = Array.FindIndex(samples, second * 48_000 - 9600, sample => Math.Abs((int)sample) > 3000);
            Assert.InRange(found / 48.0 - second * 1000, -3, 15);
        }
    }

    [Fact]
    public void Run_Twice_GivesTheSameBytes()
    {
        using var first = new TempFolder();
        using var second = new TempFolder();
        var recording = new SyntheticRecording { Loss = 0.03, JitterMilliseconds = 30 };
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 100));
        recording.Add("ann", Opus(200));
        (string a, DerivationManifest one) = Run(recording, first, DerivationKind.Track, withSound: true);
        (string b, _) = Run(recording, second, DerivationKind.Track, withSound: true);

        Assert.Equal(3, Directory.GetFiles(a).Length);
        Assert.All(Directory.GetFiles(a), path => Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(b, Path.GetFileName(path)))));
        Assert.All(one.Files, file => Assert.Equal(file.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(a, file.Name))))));
        Assert.All(one.Clocks, clock => Assert.InRange(clock.Reports, 3, 5));
    }

    [Fact]
    public void Run_Loss_LeavesOutWhatCannotBeDecoded()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { Loss = 0.1 };
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 200, keyInterval: 20));
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Track);

        Assert.InRange(manifest.Files.Sum(file => file.VideoFrames), 20, 190);
        Assert.True(manifest.UnusableFrames > 0);
        FfmpegTool.AssertDecodesCleanly(Path.Combine(made, "track-01.1.webm"));
    }

    [Fact]
    public void Run_CodecSwitch_ListsTheFilesInOrder()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        recording.Add("ann", [.. Video(MediaCodec.Vp8, 320, 180, 50), .. Video(MediaCodec.H264, 640, 360, 50, start: 2 * Second), .. Video(MediaCodec.H264, 320, 180, 50, start: 4 * Second)]);
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Track);

        Assert.Equal([("track-01.1.webm", "start"), ("track-01.2.mp4", "codec"), ("track-01.3.mp4", "size")], manifest.Files.Select(file => (file.Name, file.Reason)));
        Assert.All(manifest.Files, file => FfmpegTool.AssertDecodesCleanly(Path.Combine(made, file.Name)));
        Assert.Equal(150, manifest.Files.Sum(file => file.VideoFrames));
        Assert.All(manifest.Files, file => Assert.InRange(file.DurationMs, 1990, 2010));
    }

    [Fact]
    public void Run_TenMinutesMute_DurationIsTheWallTime()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { Skew = 100e-6, JitterMilliseconds = 20 };
        recording.Add("ann", [.. Video(MediaCodec.Vp8, 320, 180, 125), .. Video(MediaCodec.Vp8, 320, 180, 125, start: 605 * Second)]);
        recording.Add("ann", [.. Opus(250), .. Opus(250, start: 605 * Second)]);
        (string made, _) = Run(recording, folder, DerivationKind.Track, track: 1, withSound: true);
        string path = Path.Combine(made, "track-01.1.webm");

        FfmpegTool.AssertDecodesCleanly(path);
        Assert.InRange(FfmpegTool.Duration(path), 609.95, 610.05);
        Assert.Equal(250, FfmpegTool.DecodedFrames(path, "v"));
    }

    [Fact]
    public void Run_Simulcast_EachEncodingHasItsFileAndTheCompositeShowsTheLargest()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        // The large one pauses for two seconds, as it does when there is not enough bandwidth.
        recording.Add("ann", [.. Merge(Video(MediaCodec.Vp8, 160, 90, 150, ssrc: 1, isFlash: _ => true),
            Video(MediaCodec.Vp8, 640, 360, 50, ssrc: 2), Video(MediaCodec.Vp8, 640, 360, 50, start: 4 * Second, ssrc: 2))],
            encodings: new Dictionary<uint, string> { [1] = "q", [2] = "f" });
        (string tracks, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Track);
        Assert.Equal([("track-01-q.1.webm", 150L), ("track-01-f.1.webm", 100L)], manifest.Files.Select(file => (file.Name, file.VideoFrames)));
        Assert.All(manifest.Files, file => FfmpegTool.AssertDecodesCleanly(Path.Combine(tracks, file.Name)));

        using var other = new TempFolder();
        (string made, _) = Run(recording, other, DerivationKind.Composite);
        List<(double At, double Mean)> frames = FfmpegTool.Brightness(Path.Combine(made, "composite.mp4"), "iw/2:ih/2:iw/4:ih/3");
        Assert.All(frames.Where(frame => frame.At is > 1 and < 2.9 or > 4.1 and < 5.5), frame => Assert.InRange(frame.Mean, 0, 60));
        Assert.All(frames.Where(frame => frame.At is > 3.1 and < 3.9), frame => Assert.InRange(frame.Mean, 180, 255)); // one second without the large one
    }

    [Theory]
    [InlineData(MediaCodec.Pcmu)]
    [InlineData(MediaCodec.G722)]
    public void Run_TelephoneSound_BecomesWav(MediaCodec codec)
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        recording.Add("sip", [.. Enumerable.Range(0, 100).Select(i => new EncodedUnit
        {
            Codec = codec, At = i * 20 * Millisecond, Duration = 20 * Millisecond, Data = new byte[160], Ssrc = 5, Channels = 1,
        })]);
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Audio);

        int rate = codec == MediaCodec.G722 ? 16_000 : 8_000;
        Assert.Equal(2 * rate, manifest.Files[0].AudioPackets);
        Assert.Equal($"{rate}", FfmpegTool.Describe(Path.Combine(made, "track-01.wav")).GetProperty("streams")[0].GetProperty("sample_rate").GetString());
    }

    [Fact]
    public void Run_FolderIsThere_OnlyAnEmptyOneIsTaken()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        recording.Add("ann", Opus(50));
        Directory.CreateDirectory(folder.File("d1"));
        (string made, _) = Run(recording, folder, DerivationKind.Audio);

        Assert.True(File.Exists(Path.Combine(made, "track-01.wav")));
        Assert.Throws<IOException>(() => Run(recording, folder, DerivationKind.Audio));
        Assert.True(File.Exists(Path.Combine(made, "track-01.wav")));
    }

    [Fact]
    public void Run_ToldToEnd_LeavesNothing()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        recording.Add("ann", Opus(200));
        using var end = new CancellationTokenSource();
        var job = new DerivationJob(recording, new DerivationRequest { Id = "d1", Kind = DerivationKind.Audio }, folder.Path, share => { if (share > 0.5) end.Cancel(); });

        Assert.ThrowsAny<OperationCanceledException>(() => job.Run(end.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(CompositeLayout.Grid)]
    [InlineData(CompositeLayout.ActiveSpeaker)]
    public void Run_Composite_ShowsAllAndSoundsInTime(CompositeLayout layout)
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { Skew = 200e-6, JitterMilliseconds = 20 };
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 25 * 12, isFlash: EachSecond), name: @"安娜 'O:Neil\,[x];=%{pts}");
        recording.Add("ann", Opus(50 * 12, isBeep: EachSecond));
        // Joins at 3 s, loses the network from 6 to 8 s, leaves at 10 s.
        recording.Add("bob", Video(MediaCodec.H264, 320, 180, 25 * 7, start: 3 * Second, ssrc: 9, keyInterval: 5), isCutOff: at => at is > 6 * Second and < 8 * Second);
        recording.AddSpan(0, "paused", 11, 11.5);
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Composite, layout: layout);
        string path = Path.Combine(made, "composite.mp4");

        FfmpegTool.AssertDecodesCleanly(path);
        FfmpegTool.AssertConstantRate(path, 60);
        Assert.InRange(FfmpegTool.Duration(path), 11.95, 12.05);
        JsonElement about = FfmpegTool.Describe(path);
        Assert.Equal(["h264", "aac"], about.GetProperty("streams").EnumerateArray().Take(2).Select(stream => stream.GetProperty("codec_name").GetString()));
        Assert.Equal("paused", about.GetProperty("chapters")[0].GetProperty("tags").GetProperty("title").GetString());
        Assert.True(IndexIsInFront(path));
        Assert.Contains(manifest.Filters, text => text.Contains("drawtext", StringComparison.Ordinal));
        Assert.Contains(manifest.Filters, text => text.Contains("signal lost", StringComparison.Ordinal));
        double[] offsets = LipSync.Offsets(path, 0.080, crop: "iw/8:ih/8:iw/4:ih/3");
        Assert.InRange(offsets.Length, 9, 12);
        Assert.All(offsets, offset => Assert.InRange(offset, -0.020, 0.020));
    }

    [Theory]
    [InlineData(CompositeLayout.Grid, "100:100:430:100", "60:16:330:334", 34)]
    [InlineData(CompositeLayout.ActiveSpeaker, "60:16:290:300", "40:12:264:341", 34)]
    public void Run_CompositeWithOneWhoSendsNothing_ShowsItsNameWhileItIsThere(CompositeLayout layout, string tile, string name, double background)
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording();
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 25 * 6, isFlash: _ => true));
        recording.Add("ann", Opus(50 * 6, isBeep: EachSecond));
        recording.AddPresence("ann", "Ann", 0, 6);
        recording.AddPresence("carol", "MMMMMMMMMMMM", 2, 4);
        recording.AddPresence("carol", "MMMMMMMMMMMM", 5, 5.5);
        (string made, DerivationManifest manifest) = Run(recording, folder, DerivationKind.Composite, layout: layout);
        string path = Path.Combine(made, "composite.mp4");

        Assert.InRange(FfmpegTool.Duration(path), 5.95, 6.05);
        List<(double At, double Mean)> tiles = FfmpegTool.Brightness(path, tile), names = FfmpegTool.Brightness(path, name);
        Assert.All(tiles, one => Assert.InRange(one.Mean, IsThere(one.At) ? background - 6 : 150, IsThere(one.At) ? background + 6 : 255));
        Assert.All(names.Where(one => IsThere(one.At)), one => Assert.InRange(one.Mean, background + 15, 150));
        Assert.All(FfmpegTool.Brightness(path, "60:60:100:130"), one => Assert.InRange(one.Mean, 200, 255)); // who sends is seen all the time
        Assert.Contains(manifest.Filters, text => text.Contains("MMMM", StringComparison.Ordinal));

        static bool IsThere(double at) => at is >= 2 and < 4 or >= 5 and < 5.5;
    }

    [Fact]
    public void Run_CompositeOfNobodyWhoSends_ShowsWhoWasThere()
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { MinimalLength = 3 };
        recording.AddPresence("ann", "MMMMMMMMMMMM", 1, 2);
        (string made, _) = Run(recording, folder, DerivationKind.Composite);

        List<(double At, double Mean)> names = FfmpegTool.Brightness(Path.Combine(made, "composite.mp4"), "100:16:10:334");
        Assert.Equal(180, names.Count);
        Assert.All(names, one => Assert.InRange(one.Mean, one.At is >= 1 and < 2 ? 49 : 28, one.At is >= 1 and < 2 ? 150 : 40));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(25)]
    [InlineData(60)]
    public void Run_Composite_AnyRateIsKeptToTheLastPicture(int rate)
    {
        using var folder = new TempFolder();
        var recording = new SyntheticRecording { JitterMilliseconds = 20 };
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 44, 23));
        recording.Add("ann", Opus(101));
        (string made, DerivationManifest manifest) = Derivations.Run(recording, folder.Path, DerivationKind.Composite,
            composite: new CompositeOptions { Width = 320, Height = 180, Preset = "ultrafast", FramesPerSecond = rate });

        FfmpegTool.AssertConstantRate(Path.Combine(made, "composite.mp4"), rate);
        Assert.Equal((long)Math.Ceiling(recording.Length.Nanoseconds / 1e9 * rate), manifest.Files[0].VideoFrames);
    }

    private static (string Folder, DerivationManifest Manifest) Run(SyntheticRecording recording, TempFolder folder, DerivationKind kind, int? track = null, bool withSound = false,
        CompositeLayout layout = default) => Derivations.Run(recording, folder.Path, kind, track, withSound, layout);

    private static bool IndexIsInFront(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        return file.AsSpan().IndexOf("moov"u8) < file.AsSpan().IndexOf("mdat"u8);
    }
}
