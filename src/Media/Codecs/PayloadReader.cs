using System.Buffers.Binary;

namespace Sfu.Media.Codecs;

/// <summary>Reads hostile payload bytes in order: a read behind the end gives 0 and sets <see cref="Failed"/>, it never throws.</summary>
/// <remarks>The one place where payload descriptors touch bytes, so that a bounds check cannot be forgotten in one of them. A descriptor
/// reads to its end and looks at <see cref="Failed"/> once; loops must look at it each time round.</remarks>
internal ref struct PayloadReader(ReadOnlySpan<byte> bytes)
{
    private const int MaxLeb128Bytes = 8;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Offset of the next byte.</summary>
    public int At { get; private set; }

    /// <summary>Something was read behind the end, or <see cref="ReadLeb128"/> met a number that is none.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes that are left.</summary>
    public readonly int Remaining => _bytes.Length - At;

    /// <summary>Everything that is left, not taken.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[At..];

    /// <summary>The next byte.</summary>
    public byte ReadByte()
    {
        if (At < _bytes.Length) return _bytes[At++];
        Failed = true;
        return 0;
    }

    /// <summary>The next two bytes, most significant first.</summary>
    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> two = ReadBytes(2);
        return two.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(two);
    }

    /// <summary>The next bytes, in place; empty when there are fewer.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > Remaining)
        {
            Failed = true;
            return default;
        }
        At += count;
        return _bytes.Slice(At - count, count);
    }

    /// <summary>A length in the variable form of AV1 (AV1 specification section 4.10.5): at most 8 bytes, value below 2^32.</summary>
    public uint ReadLeb128()
    {
        ulong value = 0;
        for (int i = 0; i < MaxLeb128Bytes; i++)
        {
            byte part = ReadByte();
            if (Failed) return 0;
            value |= (ulong)(part & 0x7F) << (7 * i);
            if ((part & 0x80) != 0) continue;
            if (value <= uint.MaxValue) return (uint)value;
            break;
        }
        Failed = true;
        return 0;
    }
}
