using System.Numerics;
using System.Runtime.InteropServices;

namespace Sfu.Recorder.Journal;

/// <summary>CRC-32C (Castagnoli), the checksum of RFC 3720 appendix B.4.</summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(data)) crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in data[(data.Length & ~7)..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
