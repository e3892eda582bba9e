namespace Sfu.Recorder.Derivation;

/// <summary>Makes a stream of Opus packets without gaps for Ogg, where time is nothing but a count of samples: packets that ask the decoder
/// to conceal stand where none came (RFC 7845 section 4.1), and a packet is left out when the sender's clock ran ahead by its length.</summary>
/// <remarks>The time of each packet is then right within 2.5 ms, the shortest that Opus can fill.</remarks>
internal sealed class OggOpusFiller
{
    private const int ShortestFill = 120;               // 2.5 ms in samples at 48 kHz
    private const int UsualFill = 960;                  // 20 ms
    private byte _toc = 0xF8;                           // CELT, full band, 20 ms, mono: before the first packet
    private long _samples = -1;
    private long _start;

    /// <summary>Packets left out because the sender's clock ran ahead.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Gives what is to be written for the next packet, the packet itself at the end.</summary>
    public IEnumerable<EncodedUnit> Fill(EncodedUnit unit)
    {
        if (_samples < 0) (_samples, _start) = (0, unit.At);
        long length = ToSamples(unit.Duration), gap = ToSamples(unit.At - _start) - _samples;
        if (gap <= -length && length > 0)
        {
            LeftOut++;
            yield break;
        }
        for (; gap >= ShortestFill; gap = ToSamples(unit.At - _start) - _samples)
            yield return gap >= UsualFill ? Next(unit, Usual(_toc), UsualFill) : Next(unit, Shortest(_toc), ShortestFill);
        if (!unit.Data.IsEmpty) _toc = unit.Data.Span[0];
        yield return Next(unit, unit.Data, length);
    }

    private EncodedUnit Next(EncodedUnit unit, ReadOnlyMemory<byte> data, long samples)
    {
        EncodedUnit next = unit with { At = _start + _samples * 1_000_000_000 / 48_000, Duration = samples * 1_000_000_000 / 48_000, Data = data };
        _samples += samples;
        return next;
    }

    private static long ToSamples(long nanoseconds) => (nanoseconds * 48 + 500_000) / 1_000_000;

    // RFC 6716 section 3.1: the five upper bits of the first byte are the configuration; the length is in its two lower bits, for hybrid in
    // one. A packet of this byte alone holds one frame of no bytes: nothing was sent.
    private static byte[] Usual(byte toc) => (toc >> 3) switch
    {
        < 12 => [(byte)(toc & 0xE4 | 1 << 3)],
        < 16 => [(byte)(toc & 0xF4 | 1 << 3)],
        _ => [(byte)(toc & 0xE4 | 3 << 3)],
    };

    // Only CELT has frames that short.
    private static byte[] Shortest(byte toc) => toc >> 3 < 16 ? [(byte)(0x80 | toc & 0x04)] : [(byte)(toc & 0xE4)];
}
