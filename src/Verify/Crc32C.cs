using System.Buffers.Binary;
using System.Numerics;

namespace Sfu.Verify;

/// <summary>CRC-32C (Castagnoli), reflected, as in RFC 3720 appendix B.4.</summary>
internal static class Crc32C
{
    internal static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
