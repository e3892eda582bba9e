namespace Sfu.Media.Tests.Video;

/// <summary>Writes bits, most significant first.</summary>
internal sealed class BitWriter
{
    private readonly List<bool> _bits = [];

    /// <summary>Appends a number in a count of bits.</summary>
    public BitWriter Add(int count, uint value)
    {
        for (int i = count - 1; i >= 0; i--) _bits.Add((value >> i & 1) != 0);
        return this;
    }

    /// <summary>Appends an unsigned Exp-Golomb number.</summary>
    public BitWriter Ue(uint value)
    {
        int zeros = 31 - System.Numerics.BitOperations.LeadingZeroCount(value + 1);
        return Add(zeros, 0).Add(zeros + 1, value + 1);
    }

    /// <summary>The bytes; the last one is filled up with zeros.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[(_bits.Count + 7) / 8];
        for (int i = 0; i < _bits.Count; i++)
            if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> i % 8);
        return bytes;
    }
}
