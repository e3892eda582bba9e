using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Video;

/// <summary>One RTP packet of a stream under test.</summary>
/// <param name="Sequence">Extended sequence number.</param>
/// <param name="Frame">Which source frame it is of, from 0.</param>
/// <param name="Bytes">The whole packet.</param>
internal sealed record VideoPacket(long Sequence, int Frame, byte[] Bytes)
{
    public const uint Ssrc = 0x12345678;

    public RtpHeader Header { get; } = Parse(Bytes);

    /// <summary>A packet with this payload.</summary>
    public static VideoPacket Of(long sequence, int frame, uint timestamp, bool marker, ReadOnlySpan<byte> payload, byte[]? extension = null)
    {
        byte[] elements = extension ?? [];
        int padded = (elements.Length + 3) / 4 * 4, headLength = 12 + (extension is null ? 0 : 4 + padded);
        byte[] bytes = new byte[headLength + payload.Length];
        bytes[0] = (byte)(extension is null ? 0x80 : 0x90);
        bytes[1] = (byte)(96 | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Ssrc);
        if (extension is not null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12), 0x1000);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)(padded / 4));
            elements.CopyTo(bytes, 16);
        }
        payload.CopyTo(bytes.AsSpan(headLength));
        return new VideoPacket(sequence, frame, bytes);
    }

    private static RtpHeader Parse(byte[] bytes)
    {
        Assert.Equal(DropReason.None, RtpHeader.Parse(bytes, out RtpHeader header));
        return header;
    }
}
