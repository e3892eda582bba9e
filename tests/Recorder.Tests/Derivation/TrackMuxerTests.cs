using System.Security.Cryptography;
using System.Text.Json;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class TrackMuxerTests
{
    private static readonly PartDescription Description = new("0192e4aa-0000-7000-8000-000000000001", 3, "ann", new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(MediaCodec.Vp8, ContainerFormat.WebM)]
    [InlineData(MediaCodec.Vp9, ContainerFormat.WebM)]
    [InlineData(MediaCodec.Av1, ContainerFormat.WebM)]
    [InlineData(MediaCodec.H264, ContainerFormat.Matroska)]
    [InlineData(MediaCodec.H265, ContainerFormat.Matroska)]
    [InlineData(MediaCodec.H264, ContainerFormat.Mp4)]
    [InlineData(MediaCodec.H265, ContainerFormat.Mp4)]
    [InlineData(MediaCodec.Vp9, ContainerFormat.Mp4)]
    [InlineData(MediaCodec.Av1, ContainerFormat.Mp4)]
    public void Write_PicturesAndSound_EveryFrameDecodesAtItsTimeAndTheBytesAreTheSameAgain(MediaCodec codec, ContainerFormat format)
    {
        using var folder = new TempFolder();
        List<EncodedUnit> video = Video(codec, 320, 180, 75, start: 30 * Millisecond), audio = Opus(150);
        DerivedPart part = Assert.Single(Mux(folder, "a", format, Merge(video, audio), withVideo: true, withAudio: true));
        string path = folder.File(part.File);

        FfmpegTool.AssertDecodesCleanly(path);
        Assert.Equal((75L, 150L, 0L), (part.VideoFrames, part.AudioPackets, part.LeftOutFrames));
        Assert.Equal(75, FfmpegTool.DecodedFrames(path, "v"));
        Assert.Equal(150, FfmpegTool.DecodedFrames(path, "a"));
        AssertTimes(video, FfmpegTool.PacketTimes(path, "v"), part.Start);
        AssertTimes(audio, FfmpegTool.PacketTimes(path, "a"), part.Start);
        Assert.InRange(FfmpegTool.Duration(path), 2.98, 3.08);
        JsonElement tags = FfmpegTool.Describe(path).GetProperty("format").GetProperty("tags");
        Assert.Equal(Description.RecordingId, tags.GetProperty("RECORDING_ID").GetString());
        Assert.Equal("2026-03-01T08:00:00.000000Z", tags.GetProperty("START_UTC").GetString());

        DerivedPart again = Assert.Single(Mux(folder, "b", format, Merge(video, audio), withVideo: true, withAudio: true));
        Assert.Equal(SHA256.HashData(File.ReadAllBytes(path)), SHA256.HashData(File.ReadAllBytes(folder.File(again.File))));
    }

    [Fact]
    public void Write_Mp4_HasFragmentsOfHalfASecond()
    {
        using var folder = new TempFolder();
        DerivedPart part = Assert.Single(Mux(folder, "a", ContainerFormat.Mp4, Video(MediaCodec.H264, 320, 180, 250, keyInterval: 250), true, false));

        Assert.InRange(CountBoxes(File.ReadAllBytes(folder.File(part.File)), "moof"u8), 18, 21);
    }

    [Theory]
    [InlineData(ContainerFormat.WebM)]
    [InlineData(ContainerFormat.Mp4)]
    [InlineData(ContainerFormat.Matroska)]
    public void Write_SoundWithPausesAndLoss_GapsStayGaps(ContainerFormat format)
    {
        using var folder = new TempFolder();
        // 10 s, of which 3 s are DTX with a packet each 400 ms, and 5 packets are lost.
        List<EncodedUnit> audio = [.. Opus(500).Where((_, i) => i is < 100 or > 250 || i % 20 == 0).Where((_, i) => i is < 200 or > 204)];
        DerivedPart part = Assert.Single(Mux(folder, "a", format, audio, withVideo: false, withAudio: true));
        string path = folder.File(part.File);

        FfmpegTool.AssertDecodesCleanly(path);
        AssertTimes(audio, FfmpegTool.PacketTimes(path, "a"), 0);
        Assert.InRange(FfmpegTool.Duration(path), 9.98, 10.02);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(-1200)]
    public void Write_OggWithPausesAndLoss_EveryPacketHasItsTimeAgain(int partsPerMillion)
    {
        using var folder = new TempFolder();
        // A minute with 10 s of DTX, 5 lost packets, a pause that is no multiple of a packet, and a clock that is off.
        List<EncodedUnit> audio = [.. Opus(3000, isBeep: at => at / Second % 2 == 0).Where((_, i) => i is < 1000 or > 1500 || i % 20 == 0)
            .Where((_, i) => i is < 200 or > 204)
            .Select(unit => unit with { At = unit.At + unit.At / 1_000_000 * partsPerMillion + (unit.At > 40 * Second ? 7 * Millisecond : 0) })];
        using var muxer = new TrackMuxer(folder.Path, "a", ContainerFormat.Ogg, Description, false, (MediaCodec.Opus, 1));
        audio.ForEach(muxer.Write);
        string path = folder.File(Assert.Single(muxer.Finish()).File);

        FfmpegTool.AssertDecodesCleanly(path);
        Assert.InRange(muxer.LeftOutAudio, partsPerMillion < 0 ? 1 : 0, partsPerMillion < 0 ? 2 : 0);
        Assert.InRange(FfmpegTool.Duration(path) - audio[^1].At / 1e9 - 0.02, -0.003, 0.02);
        short[] samples = FfmpegTool.Samples(path);
        // The tone begins again at 58 s of the sender's clock.
        long expected = audio.First(unit => unit.At - 7 * Millisecond >= 58 * Second + 58_000L * partsPerMillion).At * 48_000 / Second;
        int found = Array.FindIndex(samples, (int)expected - 4800, sample => Math.Abs((int)sample) > 2000);
        Assert.InRange((found - expected) / 48.0, -4, 24);
    }

    [Fact]
    public void Write_TenMinutesMute_DurationIsTheWallTime()
    {
        using var folder = new TempFolder();
        List<EncodedUnit> units = [.. Merge(Video(MediaCodec.Vp8, 320, 180, 50), Video(MediaCodec.Vp8, 320, 180, 50, start: 602 * Second), Opus(100), Opus(100, 602 * Second))];
        DerivedPart part = Assert.Single(Mux(folder, "a", ContainerFormat.WebM, units, true, true));

        FfmpegTool.AssertDecodesCleanly(folder.File(part.File));
        Assert.InRange(FfmpegTool.Duration(folder.File(part.File)), 603.95, 604.05);
        Assert.Equal(604 * Second, part.Duration);
    }

    [Theory]
    [InlineData(MediaCodec.Vp8, ContainerFormat.WebM, 1)]
    [InlineData(MediaCodec.Vp9, ContainerFormat.WebM, 1)]
    [InlineData(MediaCodec.Vp9, ContainerFormat.Mp4, 2)]
    [InlineData(MediaCodec.H264, ContainerFormat.Mp4, 2)]
    [InlineData(MediaCodec.H264, ContainerFormat.Matroska, 2)]
    public void Write_SizeChanges_OneFileWhereTheContainerCan(MediaCodec codec, ContainerFormat format, int parts)
    {
        using var folder = new TempFolder();
        IEnumerable<EncodedUnit> units = Merge(Video(codec, 320, 180, 50), Video(codec, 960, 540, 25, start: 2 * Second), Opus(150));
        IReadOnlyList<DerivedPart> made = Mux(folder, "a", format, units, true, true);

        Assert.Equal(parts, made.Count);
        Assert.All(made, part => FfmpegTool.AssertDecodesCleanly(folder.File(part.File)));
        Assert.Equal(75, made.Sum(part => FfmpegTool.DecodedFrames(folder.File(part.File), "v")));
        Assert.Equal(150, made.Sum(part => part.AudioPackets));
        if (parts == 2) Assert.Equal(("size", 2 * Second), (made[1].Reason, made[1].Start));
    }

    [Fact]
    public void Write_CodecChanges_NextFileBeginsAtItsKeyFrameAndTellsWhatWasLeftOut()
    {
        using var folder = new TempFolder();
        List<EncodedUnit> second = Video(MediaCodec.H264, 320, 180, 60, start: 2 * Second, keyInterval: 20);
        IEnumerable<EncodedUnit> units = Merge(Video(MediaCodec.Vp8, 320, 180, 50), second.Skip(5), Opus(200));
        IReadOnlyList<DerivedPart> made = Mux(folder, "a", ContainerFormat.Matroska, units, true, true);

        Assert.Equal(["a.1.mkv", "a.2.mkv"], made.Select(part => part.File));
        Assert.Equal(("codec", 15L, 40L, second[20].At), (made[1].Reason, made[1].LeftOutFrames, made[1].VideoFrames, made[1].Start));
        Assert.Equal(15 * 40 * Millisecond, made[1].LeftOutDuration);
        Assert.All(made, part => FfmpegTool.AssertDecodesCleanly(folder.File(part.File)));
    }

    [Fact]
    public void Write_SsrcOrRotationChanges_BeginsANewFile()
    {
        using var folder = new TempFolder();
        IEnumerable<EncodedUnit> units = Video(MediaCodec.H264, 320, 180, 25, ssrc: 7)
            .Concat(Video(MediaCodec.H264, 320, 180, 25, start: Second, ssrc: 8))
            .Concat(Video(MediaCodec.H264, 320, 180, 25, start: 2 * Second, ssrc: 8, rotation: 90));
        IReadOnlyList<DerivedPart> made = Mux(folder, "a", ContainerFormat.Mp4, units, true, false);

        Assert.Equal(["start", "ssrc", "rotation"], made.Select(part => part.Reason));
        JsonElement turned = FfmpegTool.Describe(folder.File(made[2].File)).GetProperty("streams")[0];
        Assert.Equal(-90, turned.GetProperty("side_data_list")[0].GetProperty("rotation").GetInt32()); // ffprobe counts anticlockwise
    }

    [Fact]
    public void Write_KeyFrameMissingAtTheStart_BeginsAtTheFirstOne()
    {
        using var folder = new TempFolder();
        DerivedPart part = Assert.Single(Mux(folder, "a", ContainerFormat.WebM, Merge(Video(MediaCodec.Vp8, 320, 180, 60, keyInterval: 30).Skip(1), Opus(100)), true, true));

        Assert.Equal((29L, 30L, 100L, 0L), (part.LeftOutFrames, part.VideoFrames, part.AudioPackets, part.Start));
        FfmpegTool.AssertDecodesCleanly(folder.File(part.File));
    }

    private static IReadOnlyList<DerivedPart> Mux(TempFolder folder, string name, ContainerFormat format, IEnumerable<EncodedUnit> units, bool withVideo, bool withAudio)
    {
        using var muxer = new TrackMuxer(folder.Path, name, format, Description, withVideo, withAudio ? (MediaCodec.Opus, 1) : null);
        foreach (EncodedUnit unit in units) muxer.Write(unit);
        return muxer.Finish();
    }

    private static void AssertTimes(IEnumerable<EncodedUnit> units, double[] times, long start)
    {
        double[] expected = [.. units.Select(unit => (unit.At - start) / 1e9)];
        Assert.Equal(expected.Length, times.Length);
        for (int i = 0; i < times.Length; i++) Assert.InRange(times[i] - expected[i], -0.000_6, 0.000_6);
    }

    private static int CountBoxes(byte[] file, ReadOnlySpan<byte> type)
    {
        int count = 0;
        for (long at = 0; at + 8 <= file.Length;)
        {
            if (file.AsSpan((int)at + 4, 4).SequenceEqual(type)) count++;
            at += Math.Max(8, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at)));
        }
        return count;
    }
}
