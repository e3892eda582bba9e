namespace Sfu.Media.Codecs;

/// <summary>Reads hostile bits, most significant first: a read behind the end gives 0 and sets <see cref="Failed"/>, it never throws.</summary>
/// <param name="bytes">What is read.</param>
/// <param name="isEscaped">The bytes are a NAL unit: the 03 of 00 00 03 is no part of its content (H.264 section 7.4.1,
/// H.265 section 7.4.2.1) and is passed over.</param>
internal ref struct BitReader(ReadOnlySpan<byte> bytes, bool isEscaped)
{
    private const int MaxLeadingZeros = 31;
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;                                   // next byte
    private int _current;                              // byte being read
    private int _left;                                 // its bits that are left
    private int _zeros;                                // zero bytes in a row before the next byte

    /// <summary>Something was read behind the end, or <see cref="ReadUe"/> met a number above 2^32.</summary>
    public bool Failed { get; private set; }

    /// <summary>The next bit.</summary>
    public bool ReadFlag() => ReadBit() != 0;

    /// <summary>The next bits as a number.</summary>
    /// <param name="count">0 to 32.</param>
    public uint Read(int count)
    {
        uint value = 0;
        for (; count > 0; count--) value = value << 1 | (uint)ReadBit();
        return value;
    }

    /// <summary>Passes over bits.</summary>
    public void Skip(int count)
    {
        for (; count > 0 && !Failed; count--) ReadBit();
    }

    /// <summary>An unsigned Exp-Golomb number, ue(v) (H.264 section 9.1); at most 2^32 - 2.</summary>
    public uint ReadUe()
    {
        int zeros = 0;
        while (!Failed && ReadBit() == 0)
        {
            if (++zeros <= MaxLeadingZeros) continue;
            Failed = true;
            return 0;
        }
        return Failed ? 0 : (1u << zeros) - 1 + Read(zeros);
    }

    /// <summary>A signed Exp-Golomb number, se(v) (H.264 section 9.1.1).</summary>
    public int ReadSe()
    {
        uint code = ReadUe();
        return (code & 1) != 0 ? (int)(code / 2) + 1 : -(int)(code / 2);
    }

    private int ReadBit()
    {
        if (_left == 0 && !NextByte()) return 0;
        return _current >> --_left & 1;
    }

    private bool NextByte()
    {
        if (isEscaped && _zeros >= 2 && _at < _bytes.Length && _bytes[_at] == 3)
        {
            _at++;
            _zeros = 0;
        }
        if (_at >= _bytes.Length)
        {
            Failed = true;
            return false;
        }
        _current = _bytes[_at++];
        _zeros = _current == 0 ? _zeros + 1 : 0;
        _left = 8;
        return true;
    }
}
