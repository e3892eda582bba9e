using System.Buffers.Binary;

namespace Sfu.Verify;

/// <summary>A frame of a segment file, read in place (docs/evidence.md section 2). Valid until the next one is read.</summary>
internal readonly ref struct Chunk(ReadOnlySpan<byte> frame)
{
    internal const int HeaderSize = 64, TagSize = 16, CrcSize = 4, MaxPart = 65_536;
    internal const int MaxSize = HeaderSize + 2 * MaxPart + TagSize + CrcSize;
    private const ushort KnownFlags = 3;

    private readonly ReadOnlySpan<byte> _frame = frame;

    internal ReadOnlySpan<byte> Recording => _frame.Slice(8, 16);
    internal uint Track => BinaryPrimitives.ReadUInt32LittleEndian(_frame[24..]);
    internal ulong Number => BinaryPrimitives.ReadUInt64LittleEndian(_frame[32..]);
    internal ReadOnlySpan<byte> Index => _frame.Slice(HeaderSize, IndexSize(_frame));

    /// <summary>What the chain covers after the hash before: header, side index, body, tag.</summary>
    internal ReadOnlySpan<byte> Chained => _frame[..^CrcSize];

    internal bool IsCrcRight => BinaryPrimitives.ReadUInt32LittleEndian(_frame[^CrcSize..]) == Crc32C.Of(Chained);

    /// <summary>Bytes of the frame that a header begins; 0 when it is no header of a chunk.</summary>
    internal static int Size(ReadOnlySpan<byte> header)
    {
        if (!header[..4].SequenceEqual("SFUJ"u8) || header[4] != 1 || header[5] != 1) return 0;
        if ((BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) & ~KnownFlags) != 0) return 0;
        uint body = BinaryPrimitives.ReadUInt32LittleEndian(header[56..]), index = BinaryPrimitives.ReadUInt32LittleEndian(header[60..]);
        return body > MaxPart || index > MaxPart ? 0 : HeaderSize + (int)body + (int)index + TagSize + CrcSize;
    }

    private static int IndexSize(ReadOnlySpan<byte> header) => (int)BinaryPrimitives.ReadUInt32LittleEndian(header[60..]);
}
