using System.Buffers.Binary;

namespace Sfu.Simulation.Clients;

/// <summary>Makes VP8 frames of random size whose packets carry the <see cref="TestPattern"/> behind a real descriptor.</summary>
internal sealed class VideoSource(uint track, Random random)
{
    /// <summary>Frames per second.</summary>
    internal const int FramesPerSecond = 30;

    private const int DescriptorLength = 6;
    private const int KeyFrameHeader = 10;
    private const int FullPacket = 1100;
    private const int KeyFramePackets = 6;

    private ushort _pictureId = (ushort)random.Next(0x8000);
    private byte _tl0 = (byte)random.Next(256);
    private uint _number;

    /// <summary>Packets made.</summary>
    internal uint Count => _number;

    /// <summary>Where the <see cref="TestPattern"/> begins in a payload; -1 when the payload is not one of ours.</summary>
    internal static int BodyAt(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < DescriptorLength + TestPattern.MinLength || payload[1] != 0xE0) return -1;
        return IsFrameStart(payload) ? DescriptorLength + KeyFrameHeader : DescriptorLength;
    }

    /// <summary>The packet is the first of its frame.</summary>
    internal static bool IsFrameStart(ReadOnlySpan<byte> payload) => (payload[0] & 0x10) != 0;

    /// <summary>The packet is the first of a key frame.</summary>
    internal static bool IsKeyFrame(ReadOnlySpan<byte> payload) => IsFrameStart(payload) && (payload[DescriptorLength] & 1) == 0;

    /// <summary>Makes the next frame's payloads.</summary>
    internal List<byte[]> NextFrame(bool isKey)
    {
        int packets = isKey ? KeyFramePackets : random.Next(1, 5);
        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
        _tl0++;
        List<byte[]> frame = [];
        for (int i = 0; i < packets; i++) frame.Add(Payload(isKey, i == 0, i == packets - 1 ? random.Next(100, FullPacket) : FullPacket));
        return frame;
    }

    private byte[] Payload(bool isKey, bool isStart, int length)
    {
        var payload = new byte[length];
        payload[0] = (byte)(0x80 | (isStart ? 0x10 : 0));
        payload[1] = 0xE0;                                 // I, L, T
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(0x8000 | _pictureId));
        payload[4] = _tl0;
        if (isStart) WriteFrameHeader(payload.AsSpan(DescriptorLength), isKey);
        TestPattern.Fill(payload.AsSpan(BodyAt(payload)), track, _number++);
        return payload;
    }

    /// <summary>RFC 6386 section 9.1; delta frames get as many bytes, so that the body begins at one place.</summary>
    private static void WriteFrameHeader(Span<byte> header, bool isKey)
    {
        header[0] = (byte)(isKey ? 0x10 : 0x11);
        header[3] = 0x9D;
        header[4] = 0x01;
        header[5] = 0x2A;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 320);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 180);
    }
}
