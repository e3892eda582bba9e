using Sfu.Media;

namespace Sfu.Router.Producers;

/// <summary>Which of the last 2,048 packets of a stream came already, by themselves or repaired.</summary>
/// <remarks>Owned by one RtpStream. SRTP refuses replays of one SSRC, but a packet may come on the stream's SSRC and by RTX as well;
/// forwarding both would protect two byte strings under one (SSRC, index).</remarks>
internal sealed class ArrivalFilter
{
    private const int Window = 2048;

    private readonly ulong[] _seen = new ulong[Window / 64];
    private long _highest;
    private bool _isStarted;

    /// <summary>Takes a packet's unwrapped number.</summary>
    /// <returns><see cref="DropReason.Duplicate"/> for one that came before, <see cref="DropReason.TooOld"/> for one nobody knows any more.</returns>
    internal DropReason Accept(long index)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _highest = index;
        }

        if (index <= _highest - Window) return DropReason.TooOld;
        if (index > _highest) Advance(index);
        else if ((_seen[Word(index)] & Bit(index)) != 0) return DropReason.Duplicate;
        _seen[Word(index)] |= Bit(index);
        return DropReason.None;
    }

    private void Advance(long index)
    {
        if (index - _highest >= Window) Array.Clear(_seen);
        else
            for (long skipped = _highest + 1; skipped <= index; skipped++) _seen[Word(skipped)] &= ~Bit(skipped);
        _highest = index;
    }

    private static int Word(long index) => (int)((index & (Window - 1)) / 64);

    private static ulong Bit(long index) => 1UL << (int)(index & 63);
}
