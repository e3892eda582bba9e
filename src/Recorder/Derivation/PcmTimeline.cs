using System.Runtime.InteropServices;

namespace Sfu.Recorder.Derivation;

/// <summary>Puts decoded sound where it belongs in time: silence for gaps, and as many samples as the wall clock has, however fast the
/// sender's clock ran.</summary>
/// <remarks>Behind silence a block goes where it belongs. Behind sound, up to 10 ms off, one sample in a block is doubled or dropped, which nobody hears; farther off, silence is put in or samples are
/// left out (as FFmpeg's <c>aresample=async=1:min_hard_comp=0.01</c> does, which stayed within 21 ms where soft compensation did not).</remarks>
/// <param name="sampleRate">Samples per second.</param>
/// <param name="channels">1 or 2.</param>
/// <param name="start">Time of sample 0, nanoseconds from the start of the recording.</param>
internal sealed class PcmTimeline(int sampleRate, int channels, long start)
{
    private const int Tolerance = 2;                   // samples: rounding is no drift
    private readonly int _hard = sampleRate / 100;
    private readonly List<float> _out = [];
    private bool _isQuiet = true;                      // nothing sounds before the next block: it goes exactly where it belongs

    /// <summary>Samples per channel given out so far.</summary>
    public long Position { get; private set; }

    /// <summary>Samples of silence put in.</summary>
    public long Filled { get; private set; }

    /// <summary>Puts a block in its place.</summary>
    /// <param name="at">Its time, nanoseconds from the start of the recording.</param>
    /// <param name="block">Interleaved samples.</param>
    /// <returns>What is to be written, valid until the next call.</returns>
    public ReadOnlySpan<float> Place(long at, ReadOnlySpan<float> block)
    {
        _out.Clear();
        long away = PositionOf(at) - Position;
        int samples = block.Length / channels, hard = _isQuiet ? 0 : _hard;
        if (away > hard) Fill(away);
        else if (away < -hard) block = block[(int)(Math.Min(samples, -away) * channels)..];
        else if (away > Tolerance && samples > 1) block = Take(block, samples / 2, doubled: true);
        else if (away < -Tolerance && samples > 1) block = Take(block, samples / 2, doubled: false);
        _out.AddRange(block);
        Position += block.Length / channels;
        _isQuiet = false;
        return CollectionsMarshal.AsSpan(_out);
    }

    /// <summary>Silence up to a time.</summary>
    /// <returns>What is to be written, valid until the next call.</returns>
    public ReadOnlySpan<float> FillTo(long at)
    {
        _out.Clear();
        long to = PositionOf(at);
        if (to <= Position) return default;
        Fill(to - Position);
        _isQuiet = true;
        return CollectionsMarshal.AsSpan(_out);
    }

    private long PositionOf(long at)
    {
        Int128 samples = (Int128)(at - start) * sampleRate;
        return (long)((samples + (samples < 0 ? -500_000_000 : 500_000_000)) / 1_000_000_000);
    }

    private void Fill(long samples)
    {
        CollectionsMarshal.SetCount(_out, checked((int)(samples * channels)));
        CollectionsMarshal.AsSpan(_out).Clear();
        Position += samples;
        Filled += samples;
    }

    // Writes the part before a sample, with it twice or not at all; what is behind it is left.
    private ReadOnlySpan<float> Take(ReadOnlySpan<float> block, int at, bool doubled)
    {
        int kept = doubled ? at + 1 : at;
        _out.AddRange(block[..(kept * channels)]);
        Position += kept;
        return block[((doubled ? at : at + 1) * channels)..];
    }
}
