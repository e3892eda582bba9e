using System.Buffers.Binary;

namespace Sfu.Media.Codecs;

/// <summary>The VP8 payload descriptor, read in place (RFC 7741 section 4.2). Offsets are in bytes from the start of the payload; the
/// descriptor's first byte is never one of them, so 0 says that a field is absent.</summary>
public readonly record struct Vp8Descriptor
{
    private const int KeyFrameHeaderLength = 10;

    /// <summary>Length of the descriptor: where the VP8 data begins.</summary>
    public byte Length { get; init; }

    /// <summary>N: no other frame refers to this one.</summary>
    public bool IsNonReference { get; init; }

    /// <summary>S: the packet starts partition <see cref="PartitionIndex"/>.</summary>
    public bool IsPartitionStart { get; init; }

    /// <summary>PID: the partition of the packet's first byte, 0 to 7.</summary>
    public byte PartitionIndex { get; init; }

    /// <summary>Bits of the picture id: 7, 15, or 0 when there is none.</summary>
    public byte PictureIdBits { get; init; }

    /// <summary>Picture id, without the bit that tells its length.</summary>
    public ushort PictureId { get; init; }

    /// <summary>Where the picture id is (one byte, or two with the top bit set), or 0.</summary>
    public byte PictureIdAt { get; init; }

    /// <summary>TL0PICIDX: number of the last frame of temporal layer 0.</summary>
    public byte Tl0PicIdx { get; init; }

    /// <summary>Where TL0PICIDX is, or 0.</summary>
    public byte Tl0PicIdxAt { get; init; }

    /// <summary>Where the byte of TID, Y and KEYIDX is, or 0.</summary>
    public byte LayerByteAt { get; init; }

    /// <summary>TID: temporal layer, 0 to 3; 0 when absent.</summary>
    public byte TemporalLayer { get; init; }

    /// <summary>Y: the frame refers to layer 0 only, so its layer may be forwarded from here on.</summary>
    public bool IsLayerSync { get; init; }

    /// <summary>K: <see cref="KeyIdx"/> is there.</summary>
    public bool HasKeyIdx { get; init; }

    /// <summary>KEYIDX: number of the last key frame, 0 to 31.</summary>
    public byte KeyIdx { get; init; }

    /// <summary>The packet is the first of its frame.</summary>
    public bool IsFrameStart => IsPartitionStart && PartitionIndex == 0;

    /// <summary>Reads the descriptor.</summary>
    /// <param name="payload">The RTP payload; hostile.</param>
    /// <param name="descriptor">Valid only for <see cref="DropReason.None"/>; VP8 data follows it then.</param>
    public static DropReason Parse(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        var reader = new PayloadReader(payload);
        byte head = reader.ReadByte();
        byte present = (head & 0x80) != 0 ? reader.ReadByte() : (byte)0;
        int pictureIdAt = 0, pictureIdBits = 0, pictureId = 0, tl0At = 0, layerAt = 0;
        byte tl0 = 0, layer = 0;
        if ((present & 0x80) != 0)
        {
            pictureIdAt = reader.At;
            pictureId = reader.ReadByte();
            pictureIdBits = pictureId >= 0x80 ? 15 : 7;
            if (pictureIdBits == 15) pictureId = (pictureId & 0x7F) << 8 | reader.ReadByte();
        }
        if ((present & 0x40) != 0)
        {
            tl0At = reader.At;
            tl0 = reader.ReadByte();
        }
        if ((present & 0x30) != 0)                     // T or K: the byte is there, each half only if its bit is set
        {
            layerAt = reader.At;
            layer = reader.ReadByte();
        }
        if (reader.Failed || reader.Remaining == 0) return DropReason.Truncated;
        bool hasLayer = (present & 0x20) != 0, hasKeyIdx = (present & 0x10) != 0;
        descriptor = new Vp8Descriptor
        {
            Length = (byte)reader.At,
            IsNonReference = (head & 0x20) != 0,
            IsPartitionStart = (head & 0x10) != 0,
            PartitionIndex = (byte)(head & 0x07),
            PictureIdBits = (byte)pictureIdBits,
            PictureId = (ushort)pictureId,
            PictureIdAt = (byte)pictureIdAt,
            Tl0PicIdx = tl0,
            Tl0PicIdxAt = (byte)tl0At,
            LayerByteAt = (byte)layerAt,
            TemporalLayer = hasLayer ? (byte)(layer >> 6) : (byte)0,
            IsLayerSync = hasLayer && (layer & 0x20) != 0,
            HasKeyIdx = hasKeyIdx,
            KeyIdx = hasKeyIdx ? (byte)(layer & 0x1F) : (byte)0,
        };
        return DropReason.None;
    }

    /// <summary>True when the packet begins a key frame: first partition, P bit 0 (RFC 7741 section 4.3).</summary>
    /// <param name="payload">The payload this was read from.</param>
    public bool IsKeyFrame(ReadOnlySpan<byte> payload) => IsFrameStart && (payload[Length] & 0x01) == 0;

    /// <summary>Reads the picture size behind the start code of a key frame (RFC 6386 section 9.1).</summary>
    /// <param name="payload">The payload this was read from, a key frame's first.</param>
    /// <param name="width">In pixels; 0 when the packet ends before it.</param>
    /// <param name="height">In pixels; 0 when the packet ends before it.</param>
    public DropReason ReadFrameSize(ReadOnlySpan<byte> payload, out ushort width, out ushort height)
    {
        width = height = 0;
        ReadOnlySpan<byte> frame = payload[Length..];
        if (frame.Length < KeyFrameHeaderLength) return DropReason.None;
        if (frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) return DropReason.Malformed;
        width = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF);  // the upper two bits ask for scaling
        height = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF);
        return DropReason.None;
    }

    /// <summary>Overwrites the numbers that the descriptor has, each in its own length; what it has not is left out.</summary>
    /// <param name="payload">A copy of the payload this was read from, or of its first <see cref="Length"/> bytes.</param>
    /// <param name="pictureId">New picture id; cut to 7 or 15 bits.</param>
    /// <param name="tl0PicIdx">New TL0PICIDX.</param>
    /// <param name="keyIdx">New KEYIDX; cut to 5 bits.</param>
    public void Rewrite(Span<byte> payload, ushort pictureId, byte tl0PicIdx, byte keyIdx)
    {
        if (PictureIdBits == 15) BinaryPrimitives.WriteUInt16BigEndian(payload[PictureIdAt..], (ushort)(0x8000 | pictureId));
        else if (PictureIdBits == 7) payload[PictureIdAt] = (byte)(pictureId & 0x7F);
        if (Tl0PicIdxAt != 0) payload[Tl0PicIdxAt] = tl0PicIdx;
        if (HasKeyIdx) payload[LayerByteAt] = (byte)(payload[LayerByteAt] & 0xE0 | keyIdx & 0x1F);
    }
}
