namespace Sfu.Media.Ice;

/// <summary>CRC-32 of ISO 3309, as STUN's FINGERPRINT uses it (RFC 8489 section 14.7).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFF_FFFF;
        foreach (byte value in data) crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
