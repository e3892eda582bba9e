namespace Sfu.Media.Srtp;

/// <summary>Which of the last 1,024 packet indices of one SSRC were received (RFC 3711 section 3.3.2).</summary>
/// <remarks>Two steps, so that a forged packet changes nothing: ask first, accept after the tag was verified.</remarks>
internal sealed class ReplayWindow
{
    private const int Words = SrtpLimits.ReplayWindow / 64;
    private readonly ulong[] _seen = new ulong[Words];
    private ulong _highest;
    private bool _any;

    /// <summary>A window that has seen nothing.</summary>
    public ReplayWindow()
    {
    }

    /// <summary>A window that has seen everything up to an index.</summary>
    public ReplayWindow(ulong highest)
    {
        _any = true;
        _highest = highest;
        Array.Fill(_seen, ulong.MaxValue);
    }

    /// <summary>Highest accepted index, 0 before the first.</summary>
    public ulong Highest => _highest;

    /// <summary>True once a packet was accepted.</summary>
    public bool Started => _any;

    /// <summary>Says whether an index may still be taken.</summary>
    public DropReason Check(ulong index)
    {
        if (!_any || index > _highest) return DropReason.None;
        if (_highest - index >= SrtpLimits.ReplayWindow) return DropReason.TooOld;
        return (_seen[Word(index)] & Bit(index)) != 0 ? DropReason.Replay : DropReason.None;
    }

    /// <summary>Marks an index that passed <see cref="Check"/> and whose tag was right.</summary>
    public void Accept(ulong index)
    {
        if (!_any)
        {
            _any = true;
            _highest = index;
        }
        else if (index > _highest)
        {
            if (index - _highest >= SrtpLimits.ReplayWindow) Array.Clear(_seen);
            else
                for (ulong i = _highest + 1; i < index; i++) _seen[Word(i)] &= ~Bit(i); // slots that belonged to packets 1,024 ago
            _highest = index;
        }
        _seen[Word(index)] |= Bit(index);
    }

    private static int Word(ulong index) => (int)(index / 64 % Words);

    private static ulong Bit(ulong index) => 1UL << (int)(index % 64);
}
