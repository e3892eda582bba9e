using CsCheck;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Time;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>Whole streams of each codec through the assembler: what comes out is what the encoder made.</summary>
public sealed class FrameAssemblerTests
{
    public static TheoryData<MediaCodec> Codecs => [MediaCodec.Vp8, MediaCodec.Vp9, MediaCodec.H264, MediaCodec.H265, MediaCodec.Av1];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_WholeStreamInOrder_GivesTheEncodersFrames(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);

        List<Assembled> frames = Assembled.Run(new FrameAssembler(codec), recording.Packets);

        Assert.Equal(recording.Frames.Count, frames.Count);
        for (int i = 0; i < frames.Count; i++) Assert.Equal(Assembled.Expected(codec, recording.Frames[i]), frames[i].Data);
        Assert.All(frames, frame => Assert.True(frame.Info.IsDecodable && frame.Info.HasMarker));
        Assert.Equal(160, frames[0].Info.Width);
        Assert.Equal(90, frames[0].Info.Height);
        Assert.Equal((130, 98), (frames[^1].Info.Width, frames[^1].Info.Height));
        Assert.Equal([0, 18], Enumerable.Range(0, frames.Count).Where(i => frames[i].Info.IsResolutionChanged));
        Assert.All(frames.Zip(frames.Skip(1)), pair => Assert.Equal(6000, pair.Second.Info.Timestamp - pair.First.Info.Timestamp, 1.0));
        Assert.Equal(KeyFrames(recording), Enumerable.Range(0, frames.Count).Where(i => frames[i].Info.IsKeyFrame));
    }

    // The packets of a stream in any order within 100 packets, some of them lost, some twice. What can be decoded is known from which
    // packets are there: every frame needs the one before it, back to a key frame.
    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_AnyOrderAndLoss_GivesTheDecodableFrames(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        HashSet<int> keyFrames = [.. KeyFrames(recording)];
        int count = recording.Packets.Count;
        Gen.Select(Gen.Int[0, 100].Array[count], Gen.Int[0, 999].Array[count], Gen.Int[0, 3].Select(i => new[] { 0, 10, 50, 200 }[i])).Sample((delays, dice, lossPermille) =>
        {
            var arrivals = Enumerable.Range(0, count).Where(i => dice[i] >= lossPermille)
                .SelectMany(i => dice[i] > 980 ? new[] { (i, At: i + delays[i]), (i, At: i + 100 - delays[i]) } : [(i, At: i + delays[i])])
                .OrderBy(arrival => arrival.At).Select(arrival => recording.Packets[arrival.i]).ToList();
            List<Assembled> frames = Assembled.Run(new FrameAssembler(codec, new FrameAssemblerOptions { Hold = TimeSpan.FromHours(1) }), arrivals);

            List<int> decodable = DecodableFrames(recording, keyFrames, i => dice[i] >= lossPermille);
            List<Assembled> found = [.. frames.Where(frame => frame.Info.IsDecodable)];
            Assert.Equal(decodable, found.Select(frame => FrameOf(recording, frame.Info.Timestamp)));
            for (int i = 0; i < found.Count; i++) Assert.Equal(Assembled.Expected(codec, recording.Frames[decodable[i]]), found[i].Data);
        }, iter: 200);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_LaterPacketBeyondTheBound_GivesUpTheFrame(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        var assembler = new FrameAssembler(codec, new FrameAssemblerOptions { Hold = TimeSpan.FromHours(1), MaxReorder = 6, StartAtKeyFrame = true });
        var frames = new List<Assembled>();
        int lost = recording.Packets.ToList().FindIndex(packet => packet.Frame == 5);
        for (int i = 0; i <= lost + 6; i++)
        {
            if (i == lost) continue;
            Assert.Equal(0, assembler.Statistics.LostPackets);
            VideoPacket packet = recording.Packets[i];
            assembler.Add(packet.Sequence, packet.Header, packet.Bytes, MediaTime.Zero);
            Assembled.Take(assembler, frames);
        }

        Assert.Equal(1, assembler.Statistics.LostPackets);
        Assembled.Take(assembler, frames);
        Assert.Equal(5, frames.Count(frame => frame.Info.IsDecodable));
        Assert.True(assembler.KeyFrameNeeded);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_HoldIsOver_GivesUpTheHole(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        var assembler = new FrameAssembler(codec, new FrameAssemblerOptions { Hold = TimeSpan.FromMilliseconds(100), StartAtKeyFrame = true });
        var frames = new List<Assembled>();
        MediaTime t0 = MediaTime.FromSeconds(5);
        int lost = recording.Packets.ToList().FindIndex(packet => packet.Frame == 3);
        for (int i = 0; i < lost; i++) assembler.Add(recording.Packets[i].Sequence, recording.Packets[i].Header, recording.Packets[i].Bytes, t0);
        Assembled.Take(assembler, frames);
        Assert.Equal(3, frames.Count);
        Assert.Equal(MediaTime.Never, assembler.NextDeadline);

        VideoPacket next = recording.Packets[lost + 1];
        assembler.Add(next.Sequence, next.Header, next.Bytes, t0);
        Assert.Equal(t0 + TimeSpan.FromMilliseconds(100), assembler.NextDeadline);
        assembler.SetTime(t0 + TimeSpan.FromMilliseconds(99));
        Assembled.Take(assembler, frames);
        Assert.Equal(0, assembler.Statistics.LostPackets);

        assembler.SetTime(t0 + TimeSpan.FromMilliseconds(100));
        Assembled.Take(assembler, frames);
        Assert.Equal(1, assembler.Statistics.LostPackets);
        Assert.Equal(ReorderResult.Late, assembler.Add(recording.Packets[lost].Sequence, recording.Packets[lost].Header, recording.Packets[lost].Bytes, t0));
    }

    private static IEnumerable<int> KeyFrames(VideoRecording recording)
    {
        for (int i = 0; i < recording.Frames.Count; i++)
        {
            VideoPacket first = recording.Packets.First(packet => packet.Frame == i);
            PayloadInspector.Inspect(recording.Codec, first.Bytes.AsSpan(first.Header.PayloadAt), first.Header.Marker, out PayloadInfo info);
            if (info.IsKeyFrame) yield return i;
        }
    }

    // Which packet comes first says from where time stamps are counted, not what they are.
    private static int FrameOf(VideoRecording recording, long timestamp) =>
        recording.Packets.First(packet => packet.Header.Timestamp.Value == (uint)timestamp).Frame;

    private static List<int> DecodableFrames(VideoRecording recording, HashSet<int> keyFrames, Func<int, bool> isThere)
    {
        bool[] isComplete = [.. Enumerable.Repeat(true, recording.Frames.Count)];
        for (int i = 0; i < recording.Packets.Count; i++) isComplete[recording.Packets[i].Frame] &= isThere(i);
        var decodable = new List<int>();
        bool isIntact = false;
        for (int i = 0; i < isComplete.Length; i++)
        {
            isIntact = isComplete[i] && (isIntact || keyFrames.Contains(i));
            if (isIntact) decodable.Add(i);
        }
        return decodable;
    }
}
