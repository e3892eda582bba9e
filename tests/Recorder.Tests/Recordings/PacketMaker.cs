using System.Buffers.Binary;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>Makes RTP packets.</summary>
internal static class PacketMaker
{
    public static byte[] Rtp(uint ssrc, ushort number, int payload = 20, byte fill = 7)
    {
        byte[] packet = new byte[12 + payload];
        packet[0] = 0x80;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        packet.AsSpan(12).Fill(fill);
        return packet;
    }
}
