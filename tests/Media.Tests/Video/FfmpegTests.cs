using Sfu.Media.Codecs;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>What the assembler calls decodable, decoded: each picture is that of the stream without losses.</summary>
public sealed class FfmpegTests
{
    public static TheoryData<MediaCodec> Codecs => FrameAssemblerTests.Codecs;

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task DecodableFrames_AfterLosses_DecodeToTheSamePictures(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        List<string> pictures = await Ffmpeg.DecodeAsync(codec, recording.Frames);
        Assert.Equal(recording.Frames.Count, pictures.Count);
        Assert.True(pictures.Distinct().Count() > 20);
        for (int lossPercent = 1; lossPercent <= 4; lossPercent++)
        {
            var random = new Random(lossPercent);
            var assembler = new FrameAssembler(codec, new FrameAssemblerOptions { WithTemporalDelimiter = true });
            List<Assembled> decodable = [.. Assembled.Run(assembler, recording.Packets.Where(_ => random.Next(100) >= lossPercent)).Where(frame => frame.Info.IsDecodable)];
            Assert.NotEmpty(decodable);

            List<string> decoded = await Ffmpeg.DecodeAsync(codec, [.. decodable.Select(frame => frame.Data)]);

            Assert.Equal(decodable.Select(frame => pictures[FrameOf(recording, frame)]), decoded);
        }
    }

    private static int FrameOf(VideoRecording recording, Assembled frame) =>
        recording.Packets.First(packet => packet.Header.Timestamp.Value == (uint)frame.Info.Timestamp).Frame;
}
