using System.Buffers.Binary;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Codecs;
using Sfu.Media.Time;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>What real browsers send, what hostile ones might, and the single rules.</summary>
[Collection("alone")]
public sealed class FrameAssemblerEdgeTests
{
    public static TheoryData<MediaCodec> Codecs => FrameAssemblerTests.Codecs;

    [Theory]
    [InlineData("chromium-vp8", 0x93b4bbfb, MediaCodec.Vp8)]
    [InlineData("chromium-vp9", 0x5739531f, MediaCodec.Vp9)]
    [InlineData("chromium-h264", 0x3abb3ec9, MediaCodec.H264)]
    [InlineData("chromium-av1", 0x69d01907, MediaCodec.Av1)]
    [InlineData("chromium-vp8-simulcast", 0x7ce92604, MediaCodec.Vp8)]
    [InlineData("firefox-vp8", 0x08ebdd28, MediaCodec.Vp8)]
    [InlineData("firefox-av1", 0xb4aaa085, MediaCodec.Av1)]
    [InlineData("firefox-vp8-simulcast", 0xf3e259a7, MediaCodec.Vp8)]
    public void TryTake_RecordedBrowserStream_GivesEveryFrame(string recording, uint ssrc, MediaCodec codec)
    {
        var sequences = new SequenceUnwrapper();
        var packets = RecordedRtp.All.Where(packet => packet.Case == recording && packet.Header.Ssrc == new Ssrc(ssrc)).ToList();
        List<Assembled> frames = Assembled.Run(
            new FrameAssembler(codec), packets.Select(packet => new VideoPacket(sequences.Unwrap(packet.Header.SequenceNumber), 0, packet.Bytes)));

        var sent = packets.Where(packet => packet.Payload.Length > 0).GroupBy(packet => packet.Header.Timestamp).Where(frame => frame.Last().Header.Marker).ToList();
        Assert.Equal(sent.Select(frame => frame.Key.Value), frames.Select(frame => (uint)frame.Info.Timestamp));
        Assert.All(frames, frame => Assert.True(frame.Info.IsDecodable));
        Assert.True(frames[0].Info is { IsKeyFrame: true, Width: > 0, Height: > 0, IsResolutionChanged: true });
        if (codec != MediaCodec.Vp8) return;
        foreach ((Assembled frame, IGrouping<RtpTimestamp, RecordedRtp> source) in frames.Zip(sent))
            Assert.Equal(source.SelectMany(packet => packet.Payload[LengthOfDescriptor(packet.Payload)..]), frame.Data);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Add_PacketsCutAtEveryLength_NeverThrows(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        for (int cut = 0; cut < 24; cut++)
        {
            for (int i = 0; i + 30 < recording.Packets.Count; i += 7)
            {
                VideoPacket victim = recording.Packets[i];
                byte[] shorter = victim.Bytes[..Math.Min(12 + cut, victim.Bytes.Length)];
                var assembler = new FrameAssembler(codec);
                List<Assembled> frames = Assembled.Run(assembler, recording.Packets.Skip(i).Take(30).Select(packet => packet == victim ? new VideoPacket(packet.Sequence, packet.Frame, shorter) : packet));
                Assert.All(frames, frame => Assert.NotEmpty(frame.Data));
                Assert.Equal(0, assembler.WaitingPackets);
            }
        }
    }

    // The recording again and again, each time with the numbers that come next.
    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_SteadyStream_AllocatesNothing(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        var assembler = new FrameAssembler(codec, new FrameAssemblerOptions { Hold = TimeSpan.FromMilliseconds(5) });
        byte[][] packets = [.. recording.Packets.Select(packet => packet.Bytes.ToArray())];
        long first = recording.Packets[0].Sequence, bytes = 0;

        long allocated = Allocations.Of(5000, i =>
        {
            byte[] packet = packets[i % packets.Length];
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(first + i));
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(i / packets.Length * 1_000_000 + recording.Packets[i % packets.Length].Frame * 6000));
            RtpHeader.Parse(packet, out RtpHeader header);
            if (i % 97 != 5) assembler.Add(first + i, header, packet, MediaTime.FromMilliseconds(i * 10));
            while (assembler.TryTake(out VideoFrame frame)) bytes += frame.Data.Length;
        });

        Assert.Equal(0, allocated);
        Assert.True(bytes > 100_000);
    }

    [Fact]
    public void TryTake_VideoOrientation_IsCarriedUntilItChanges()
    {
        var options = new FrameAssemblerOptions { Extensions = new HeaderExtensionMap([new(13, HeaderExtensionKind.VideoOrientation)]) };
        List<VideoPacket> packets = LayeredStreams.Vp8(4);
        packets = [.. packets.Select((packet, i) => i == 3 ? WithExtension(packet, [13, 1, 0x01]) : packet)];

        List<Assembled> frames = Assembled.Run(new FrameAssembler(MediaCodec.Vp8, options), packets);

        Assert.Equal([VideoRotation.None, VideoRotation.Clockwise90, VideoRotation.Clockwise90, VideoRotation.Clockwise90], frames.Select(frame => frame.Info.Rotation));
        Assert.Equal([false, true, false, false], frames.Select(frame => frame.Info.IsRotationChanged));
    }

    [Fact]
    public void TryTake_PaddingOnlyPackets_ChangeNothing()
    {
        VideoRecording recording = VideoRecording.Of(MediaCodec.H264);
        var packets = new List<VideoPacket>();
        foreach (VideoPacket packet in recording.Packets)
        {
            packets.Add(new VideoPacket(packet.Sequence + packets.Count - packets.Count / 2, packet.Frame, packet.Bytes));
            byte[] padding = [.. packet.Bytes[..12], 0, 0, 0, 4];
            (padding[0], padding[1]) = (0xA0, 96);
            packets.Add(new VideoPacket(packets[^1].Sequence + 1, packet.Frame, padding));
        }

        List<Assembled> frames = Assembled.Run(new FrameAssembler(MediaCodec.H264), packets);

        Assert.Equal(recording.Frames, frames.Select(frame => frame.Data));
        Assert.All(frames, frame => Assert.True(frame.Info.IsDecodable));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_NoMarkers_EndsFramesAtTheNextTimestamp(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        List<Assembled> frames = Assembled.Run(new FrameAssembler(codec), recording.Packets.Select(packet =>
        {
            byte[] bytes = packet.Bytes.ToArray();
            bytes[1] &= 0x7F;
            return new VideoPacket(packet.Sequence, packet.Frame, bytes);
        }));

        int known = codec == MediaCodec.Vp9 ? recording.Frames.Count : recording.Frames.Count - 1;  // nothing says that the last is whole
        Assert.Equal(recording.Frames.Take(known).Select(frame => Assembled.Expected(codec, frame)), frames.Select(frame => frame.Data));
        Assert.All(frames, frame => Assert.False(frame.Info.HasMarker));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TryTake_FrameLongerThanAllowed_IsDroppedAndCounted(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        var assembler = new FrameAssembler(codec, new FrameAssemblerOptions { MaxFrameBytes = 400 });

        List<Assembled> frames = Assembled.Run(assembler, recording.Packets);

        Assert.All(frames, frame => Assert.True(frame.Data.Length <= 400));
        int tooLong = recording.Frames.Count(frame => Assembled.Expected(codec, frame).Length > 400);
        Assert.True(tooLong > 0);
        Assert.Equal(tooLong, assembler.Statistics.OversizedFrames);
        Assert.Equal(recording.Frames.Count - tooLong, frames.Count);
        Assert.False(frames.Exists(frame => frame.Info.IsDecodable && frame.Info.Timestamp < TimestampOfFirstShortKeyFrame(recording)));
    }

    [Fact]
    public void Add_FramesNotTaken_IsFullAtTheLimit()
    {
        VideoRecording recording = VideoRecording.Of(MediaCodec.Vp8);
        var assembler = new FrameAssembler(MediaCodec.Vp8, new FrameAssemblerOptions { MaxPackets = 16, MaxReorder = 16 });
        for (int i = 0; i < 16; i++) Assert.Equal(ReorderResult.Stored, Give(assembler, recording.Packets[i]));

        Assert.Equal(ReorderResult.Duplicate, Give(assembler, recording.Packets[3]));
        Assert.Equal(ReorderResult.Full, Give(assembler, recording.Packets[16]));
        while (assembler.TryTake(out _)) { }
        Assert.Equal(ReorderResult.Stored, Give(assembler, recording.Packets[16]));
        Assert.Equal((1, 1), (assembler.Statistics.Refused, assembler.Statistics.Duplicates));
    }

    // Live: the caller knows when the next frame is needed.
    [Fact]
    public void GiveUpHole_PacketMissing_GoesOnBehindIt()
    {
        List<VideoPacket> packets = LayeredStreams.Vp8(8);
        var assembler = new FrameAssembler(MediaCodec.Vp8, new FrameAssemblerOptions { Hold = TimeSpan.FromHours(1), StartAtKeyFrame = true });
        var frames = new List<Assembled>();
        foreach (VideoPacket packet in packets.Where(packet => packet.Sequence != packets[2].Sequence).Take(7)) Give(assembler, packet);
        Assembled.Take(assembler, frames);
        Assert.Equal([0], frames.Select(frame => frame.Info.TemporalLayer));

        assembler.GiveUpHole();
        Assembled.Take(assembler, frames);
        assembler.GiveUpHole();                        // there is none: nothing is given up later
        Give(assembler, packets[9]);
        Assembled.Take(assembler, frames);

        Assert.Equal([0, 1, 2], frames.Select(frame => frame.Info.TemporalLayer));
        Assert.Equal(1, assembler.Statistics.LostPackets);
        Assert.Equal(1, frames[1].Info.LostPacketsBefore);
    }

    [Theory]
    [InlineData(MediaCodec.Opus, 2048)]
    [InlineData(MediaCodec.Vp8, 8)]
    public void New_WrongArgument_IsRefused(MediaCodec codec, int maxPackets) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameAssembler(codec, new FrameAssemblerOptions { MaxPackets = maxPackets }));

    // Every access unit of these vectors begins with a key frame at its start only: what is before the first one of them that fits cannot be decoded.
    private static long TimestampOfFirstShortKeyFrame(VideoRecording recording)
    {
        for (int i = 0; i < recording.Frames.Count; i++)
        {
            VideoPacket first = recording.Packets.First(packet => packet.Frame == i);
            PayloadInspector.Inspect(recording.Codec, first.Bytes.AsSpan(first.Header.PayloadAt), first.Header.Marker, out PayloadInfo info);
            if (info.IsKeyFrame && Assembled.Expected(recording.Codec, recording.Frames[i]).Length <= 400)
                return recording.Packets[0].Header.Timestamp.Value + (long)(first.Header.Timestamp.Value - recording.Packets[0].Header.Timestamp.Value);
        }
        return long.MaxValue;
    }

    private static ReorderResult Give(FrameAssembler assembler, VideoPacket packet) =>
        assembler.Add(packet.Sequence, packet.Header, packet.Bytes, MediaTime.Zero);

    private static VideoPacket WithExtension(VideoPacket packet, byte[] elements) => VideoPacket.Of(
        packet.Sequence, packet.Frame, packet.Header.Timestamp.Value, packet.Header.Marker, packet.Bytes.AsSpan(packet.Header.PayloadAt), elements);

    private static int LengthOfDescriptor(byte[] payload)
    {
        Assert.Equal(DropReason.None, Vp8Descriptor.Parse(payload, out Vp8Descriptor descriptor));
        return descriptor.Length;
    }
}
