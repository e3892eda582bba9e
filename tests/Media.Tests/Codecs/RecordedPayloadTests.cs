using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Codecs;

/// <summary>What real browsers send. The key frames were found by reading the recording with a program of its own; each recording has
/// one at the start, and where it goes on long enough one after the PLI.</summary>
public sealed class RecordedPayloadTests
{
    [Fact]
    public void Inspect_EveryRecordedPayload_IsUnderstood()
    {
        var counts = new Dictionary<MediaCodec, int>();
        foreach (RecordedRtp packet in RecordedRtp.All)
        {
            if (packet.Codec is not { } codec || packet.Payload.Length == 0) continue;
            DropReason reason = PayloadInspector.Inspect(codec, packet.Payload, packet.Header.Marker, out PayloadInfo info);
            Assert.True(reason == DropReason.None, $"{packet.Case} {codec} {packet.Header.SequenceNumber}: {reason}");
            if (codec == MediaCodec.Opus) Assert.Equal(960, info.OpusSamples);
            counts[codec] = counts.GetValueOrDefault(codec) + 1;
        }

        Assert.Equal([MediaCodec.Opus, MediaCodec.Vp8, MediaCodec.Vp9, MediaCodec.H264, MediaCodec.Av1], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.True(count >= 20));
    }

    [Theory]
    [InlineData("chromium-vp8", 0x93b4bbfb, 320, 180, 23843)]
    [InlineData("chromium-vp9", 0x5739531f, 320, 180, 22837, 22871)]
    [InlineData("chromium-h264", 0x3abb3ec9, 0, 0, 27829, 27830)]        // parameter sets, then the IDR slice
    [InlineData("chromium-av1", 0x69d01907, 0, 0, 20607)]
    [InlineData("firefox-vp8", 0x08ebdd28, 320, 180, 21427, 21456)]
    [InlineData("firefox-av1", 0xb4aaa085, 0, 0, 4860, 4885)]
    [InlineData("firefox-vp8-simulcast", 0x227f4081, 320, 180, 17518)]
    [InlineData("firefox-vp8-simulcast", 0xf3e259a7, 160, 90, 13157)]
    public void Inspect_RecordedStream_FindsItsKeyFrames(string recording, uint ssrc, int width, int height, params int[] expected)
    {
        var found = new List<int>();
        foreach (RecordedRtp packet in RecordedRtp.All)
        {
            if (packet.Case != recording || packet.Header.Ssrc != new Ssrc(ssrc) || packet.Codec is not { } codec || packet.Payload.Length == 0) continue;
            PayloadInspector.Inspect(codec, packet.Payload, packet.Header.Marker, out PayloadInfo info);
            if (!info.IsKeyFrame) continue;
            Assert.True(info.IsFrameStart && info.IsSwitchingPoint);
            Assert.Equal((width, height), (info.Width, info.Height));
            found.Add(packet.Header.SequenceNumber.Value);
        }

        Assert.Equal(expected, found);
    }

    // Time stamps change exactly where a frame starts, and the marker is on its last packet: both can be seen without the payload.
    [Fact]
    public void Inspect_RecordedVideo_FindsEveryFrameStartAndEnd()
    {
        var last = new Dictionary<Ssrc, RtpHeader>();
        int starts = 0;
        foreach (RecordedRtp packet in RecordedRtp.All)
        {
            if (packet.Codec is not (MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.H264 or MediaCodec.Av1) || packet.Payload.Length == 0) continue;
            PayloadInspector.Inspect(packet.Codec.Value, packet.Payload, packet.Header.Marker, out PayloadInfo info);
            bool isNew = !last.TryGetValue(packet.Header.Ssrc, out RtpHeader before) || before.Timestamp != packet.Header.Timestamp;
            bool isSecondHeader = packet.Codec == MediaCodec.H264 && info.IsKeyFrame && !isNew; // IDR slice behind its parameter sets
            Assert.Equal(isNew || isSecondHeader, info.IsFrameStart);
            Assert.Equal(packet.Header.Marker, info.IsFrameEnd);
            last[packet.Header.Ssrc] = packet.Header;
            if (isNew) starts++;
        }

        Assert.True(starts > 150, $"{starts} frames");
    }

    [Fact]
    public void Inspect_RecordedVp8_FollowsThePictureIds()
    {
        int previous = -1;
        foreach (RecordedRtp packet in RecordedRtp.All.Where(packet => packet.Case == "firefox-vp8" && packet.Codec == MediaCodec.Vp8 && packet.Payload.Length > 0))
        {
            PayloadInspector.Inspect(MediaCodec.Vp8, packet.Payload, packet.Header.Marker, out PayloadInfo info);
            Assert.Equal(15, info.Vp8.PictureIdBits);
            if (previous >= 0) Assert.Equal((previous + 1) & 0x7FFF, info.Vp8.PictureId);
            previous = info.Vp8.PictureId;
        }

        Assert.True(previous >= 0);
    }

    // Each cut payload is what a hostile or broken sender might send: it must be refused or understood, never throw.
    [Fact]
    public void Inspect_RecordedPayloadsCutAtEveryLength_NeverThrows()
    {
        foreach (RecordedRtp packet in RecordedRtp.All)
        {
            if (packet.Codec is not { } codec) continue;
            for (int length = 0; length <= Math.Min(packet.Payload.Length, 64); length++)
            {
                DropReason reason = PayloadInspector.Inspect(codec, packet.Payload.AsSpan(0, length), false, out PayloadInfo info);
                if (length == 0) Assert.Equal(DropReason.Truncated, reason);
                Assert.True(reason is DropReason.None or DropReason.Truncated or DropReason.Malformed);
                if (reason != DropReason.None) Assert.Equal(default, info);
            }
        }
    }
}
