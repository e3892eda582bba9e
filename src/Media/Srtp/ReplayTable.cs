using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>Replay windows of the SSRCs that one transport receives, of RTP or of RTCP.</summary>
/// <remarks>Bounded: <see cref="SrtpLimits.MaxSsrcs"/> windows. When a packet of a further SSRC was authenticated, the SSRC that was
/// silent longest gives its window up and leaves its highest index behind: should it come back, nothing up to there is taken again.
/// Two steps, as in <see cref="ReplayWindow"/>: a forged packet changes nothing.</remarks>
internal sealed class ReplayTable
{
    private const int None = -1;
    private const int FirstCapacity = 4;
    private Ssrc[] _ssrcs = new Ssrc[FirstCapacity];
    private ReplayWindow?[] _windows = new ReplayWindow?[FirstCapacity];
    private long[] _usedAt = new long[FirstCapacity];
    private readonly List<(Ssrc Ssrc, ulong Highest)> _retired = [];
    private int _count;
    private long _packets;

    /// <summary>Where the window of an SSRC is, or -1.</summary>
    public int Find(Ssrc ssrc)
    {
        for (int i = 0; i < _count; i++)
            if (_ssrcs[i] == ssrc) return i;
        return None;
    }

    /// <summary>The index that a sequence number stands for: the one nearest to the highest (RFC 3711 section 3.3.1, appendix A).</summary>
    /// <param name="slot">What <see cref="Find"/> gave.</param>
    /// <param name="ssrc">The SSRC.</param>
    /// <param name="sequenceNumber">Its sequence number.</param>
    public ulong IndexOf(int slot, Ssrc ssrc, ushort sequenceNumber)
    {
        if (slot >= 0) return GuessIndex(_windows[slot]!.Highest, sequenceNumber);
        int retired = FindRetired(ssrc);
        return retired >= 0 ? GuessIndex(_retired[retired].Highest, sequenceNumber) : sequenceNumber;
    }

    /// <summary>Says whether a packet may still be taken.</summary>
    public DropReason Check(int slot, Ssrc ssrc, ulong index)
    {
        if (slot >= 0) return _windows[slot]!.Check(index);
        int retired = FindRetired(ssrc);
        if (retired >= 0) return index <= _retired[retired].Highest ? DropReason.TooOld : DropReason.None;
        return _count == SrtpLimits.MaxSsrcs && _retired.Count == SrtpLimits.MaxRetiredSsrcs ? DropReason.TooManySsrcs : DropReason.None;
    }

    /// <summary>Marks a packet that passed <see cref="Check"/> and whose tag was right.</summary>
    public void Accept(int slot, Ssrc ssrc, ulong index)
    {
        if (slot < 0) slot = Add(ssrc);
        _windows[slot]!.Accept(index);
        _usedAt[slot] = ++_packets;
    }

    /// <summary>The index nearest to the highest one that ends in this sequence number.</summary>
    internal static ulong GuessIndex(ulong highest, ushort sequenceNumber)
    {
        int distance = (short)(sequenceNumber - (ushort)highest);
        long index = (long)highest + distance;
        return index < 0 ? sequenceNumber : (ulong)index; // before the first packet of ROC 0 there is no earlier ROC
    }

    private int Add(Ssrc ssrc)
    {
        int retired = FindRetired(ssrc);
        if (_count == _ssrcs.Length && _count < SrtpLimits.MaxSsrcs) Grow();
        int slot = _count < SrtpLimits.MaxSsrcs ? _count++ : OldestSlot();
        ReplayWindow? before = _windows[slot];
        if (before is not null) _retired.Add((_ssrcs[slot], before.Highest));
        _windows[slot] = retired >= 0 ? new ReplayWindow(_retired[retired].Highest) : new ReplayWindow(); // once per SSRC
        _ssrcs[slot] = ssrc;
        if (retired >= 0) _retired.RemoveAt(retired);
        return slot;
    }

    private void Grow()
    {
        Array.Resize(ref _ssrcs, _count * 2);
        Array.Resize(ref _windows, _count * 2);
        Array.Resize(ref _usedAt, _count * 2);
    }

    private int OldestSlot()
    {
        int oldest = 0;
        for (int i = 1; i < _count; i++)
            if (_usedAt[i] < _usedAt[oldest]) oldest = i;
        return oldest;
    }

    private int FindRetired(Ssrc ssrc)
    {
        for (int i = 0; i < _retired.Count; i++)
            if (_retired[i].Ssrc == ssrc) return i;
        return None;
    }
}
