using System.Buffers.Binary;
using System.IO.Compression;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Video;

/// <summary>One stream of tests/Vectors/video: the frames that were sent and the packets they were sent in.</summary>
/// <param name="Codec">Its codec.</param>
/// <param name="Packets">In the order of sending.</param>
/// <param name="Frames">As the encoder made them.</param>
internal sealed record VideoRecording(MediaCodec Codec, IReadOnlyList<VideoPacket> Packets, IReadOnlyList<byte[]> Frames)
{
    private static readonly Dictionary<MediaCodec, VideoRecording> Loaded = [];

    public static VideoRecording Of(MediaCodec codec)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(codec, out VideoRecording? recording)) Loaded[codec] = recording = Load(codec);
            return recording;
        }
    }

    private static VideoRecording Load(MediaCodec codec)
    {
        using var file = new GZipStream(File.OpenRead(VectorFolder.PathOf("video", codec.ToString().ToLowerInvariant() + ".rec.gz")), CompressionMode.Decompress);
        var frames = new List<byte[]>();
        var packets = new List<VideoPacket>();
        var sequences = new SequenceUnwrapper();
        uint? timestamp = null;
        int frame = -1;
        byte[] head = new byte[5];
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            byte[] bytes = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
            file.ReadExactly(bytes);
            if (head[0] == 1)
            {
                frames.Add(bytes);
                continue;
            }
            RtpHeader.Parse(bytes, out RtpHeader header);
            if (timestamp != header.Timestamp.Value) frame++;
            timestamp = header.Timestamp.Value;
            packets.Add(new VideoPacket(sequences.Unwrap(header.SequenceNumber), frame, bytes));
        }

        if (codec == MediaCodec.Av1) packets = Av1Packets.Of(frames, maxPayload: 280);
        return new VideoRecording(codec, packets, frames);
    }
}
