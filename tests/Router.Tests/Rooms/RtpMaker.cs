using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Router.Tests.Rooms;

/// <summary>Makes packets as a client would send them.</summary>
internal sealed class RtpMaker(uint ssrc, byte payloadType, string? mid = null, string? rid = null)
{
    public ushort Sequence { get; set; } = 1000;

    public uint Timestamp { get; set; } = 5000;

    public ushort TransportCc { get; set; } = 100;

    public bool WritesTransportCc { get; set; } = true;

    public byte? AudioLevel { get; set; }

    public byte? Orientation { get; set; }

    public string? RepairedRid { get; set; }

    /// <summary>The next packet of the stream.</summary>
    public byte[] Next(ReadOnlySpan<byte> payload, bool marker = false, int padding = 0)
    {
        byte[] packet = Make(Sequence, payload, marker, padding);
        Sequence++;
        return packet;
    }

    public byte[] Make(ushort sequence, ReadOnlySpan<byte> payload, bool marker = false, int padding = 0)
    {
        var bytes = new byte[200 + payload.Length + padding];
        var writer = new RtpHeaderWriter(bytes, marker, payloadType, new SequenceNumber(sequence), new RtpTimestamp(Timestamp), new Ssrc(ssrc));
        if (mid is not null) writer.AddExtension(4, System.Text.Encoding.ASCII.GetBytes(mid));
        if (rid is not null) writer.AddExtension(10, System.Text.Encoding.ASCII.GetBytes(rid));
        if (RepairedRid is { } repaired) writer.AddExtension(11, System.Text.Encoding.ASCII.GetBytes(repaired));
        if (AudioLevel is { } level) writer.AddExtension(1, [level]);
        if (Orientation is { } orientation) writer.AddExtension(13, [orientation]);
        if (WritesTransportCc) writer.AddExtension(3, [(byte)(TransportCc >> 8), (byte)TransportCc++]);
        int at = writer.Finish();
        payload.CopyTo(bytes.AsSpan(at));
        int end = at + payload.Length + padding;
        if (padding > 0)
        {
            bytes[0] |= 0x20;
            bytes[end - 1] = (byte)padding;
        }

        return bytes[..end];
    }

    /// <summary>An RTX packet that carries an original payload.</summary>
    public byte[] Repair(ushort original, ReadOnlySpan<byte> payload, bool marker = false)
    {
        var carried = new byte[payload.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(carried, original);
        payload.CopyTo(carried.AsSpan(2));
        return Next(carried, marker);
    }
}

/// <summary>Makes VP8 payloads with picture id, TL0PICIDX and temporal layer.</summary>
internal static class Vp8Maker
{
    public static byte[] Payload(
        ushort pictureId, byte tl0, byte layer = 0, bool isKey = false, bool isStart = true, bool isSync = false, int length = 200, byte fill = 0x55)
    {
        var payload = new byte[6 + length];
        payload.AsSpan().Fill(fill);
        payload[0] = (byte)(0x80 | (isStart ? 0x10 : 0));
        payload[1] = 0xE0;                                     // I, L, T
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(0x8000 | pictureId));
        payload[4] = tl0;
        payload[5] = (byte)(layer << 6 | (isSync ? 0x20 : 0));
        payload[6] = (byte)(isKey ? 0x10 : 0x11);
        if (isKey && isStart)
        {
            payload[9] = 0x9D;
            payload[10] = 0x01;
            payload[11] = 0x2A;
            BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(12), 320);
            BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(14), 180);
        }

        return payload;
    }
}
