using Sfu.Media.Rtp;

namespace Sfu.Nodes.Sessions;

/// <summary>Decides when a client is asked to offer again, and for how many more sections: what was asked already and is not
/// there yet is not asked twice, also when the request and an offer cross.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
internal sealed class NegotiationNeed
{
    /// <summary>Most sections of a kind that are asked for at once.</summary>
    internal const int MaxSections = 100;

    private readonly int[] _asked = new int[2];
    private int _offersSince;
    private bool _isTold;

    /// <summary>What is to be told now; null when nothing.</summary>
    /// <param name="waiting">Tracks that wait for a section: audio, video.</param>
    /// <param name="idle">Sections that may take them: audio, video.</param>
    /// <param name="needsOffer">A section's content is to be negotiated again.</param>
    internal (int Audio, int Video)? Ask(ReadOnlySpan<int> waiting, ReadOnlySpan<int> idle, bool needsOffer)
    {
        Span<int> extra = stackalloc int[2];
        bool isServable = needsOffer;
        for (int kind = 0; kind < extra.Length; kind++)
        {
            extra[kind] = Math.Clamp(waiting[kind] - idle[kind] - _asked[kind], 0, MaxSections);
            isServable |= waiting[kind] > 0 && idle[kind] > 0;
        }

        bool hasExtra = extra[0] + extra[1] > 0;
        if (!hasExtra && (!isServable || _isTold || _asked[0] + _asked[1] > 0)) return null;
        for (int kind = 0; kind < extra.Length; kind++) _asked[kind] += extra[kind];
        _isTold = true;
        _offersSince = 0;
        return (extra[(int)MediaKind.Audio], extra[(int)MediaKind.Video]);
    }

    /// <summary>An offer was answered.</summary>
    /// <param name="added">Receive sections that the offer before did not have: audio, video.</param>
    internal void OnAnswered(ReadOnlySpan<int> added)
    {
        _isTold = false;
        _offersSince++;
        for (int kind = 0; kind < _asked.Length; kind++)
        {
            // One offer may have been on its way when the request was sent; the second one knew of it.
            _asked[kind] = _offersSince > 1 ? 0 : Math.Max(0, _asked[kind] - added[kind]);
        }
    }

    /// <summary>What was asked may be lost: begin anew.</summary>
    internal void Reset()
    {
        _isTold = false;
        _offersSince = 0;
        Array.Clear(_asked);
    }
}
