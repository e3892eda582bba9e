using Sfu.Media.Time;

namespace Sfu.Recorder.Capture;

/// <summary>A gate that changes at a moment: what counts is when a packet was received, not when its worker comes to look at it.</summary>
/// <param name="Before">How it is before.</param>
/// <param name="After">How it is from then on.</param>
/// <param name="At">When it changes.</param>
public readonly record struct GateSwitch(TapGate Before, TapGate After, MediaTime At)
{
    private const int Bits = 2, Mask = (1 << Bits) - 1;

    /// <summary>A gate that is as it is.</summary>
    public static GateSwitch Always(TapGate gate) => new(gate, gate, MediaTime.Zero);

    /// <summary>How it is for what is received at a time.</summary>
    public TapGate For(MediaTime receivedAt) => receivedAt >= At ? After : Before;

    /// <summary>The same gate with one change more.</summary>
    /// <param name="next">How it is to be.</param>
    /// <param name="at">From when on; not before the change that it has.</param>
    /// <param name="now">The time. While the former change is still to come, the gate stays closed until <paramref name="at"/> if either side of it was.</param>
    public GateSwitch To(TapGate next, MediaTime at, MediaTime now)
    {
        if (next == After) return this;
        TapGate before = now >= At || Before == TapGate.Open ? After : Before;
        return new GateSwitch(before, next, at);
    }

    /// <summary>In one word, which a worker reads without a lock.</summary>
    internal long Pack() => At.Nanoseconds << 2 * Bits | (long)Before << Bits | (long)After;

    /// <summary>From one word.</summary>
    internal static GateSwitch Unpack(long word) =>
        new((TapGate)(word >> Bits & Mask), (TapGate)(word & Mask), new MediaTime(word >> 2 * Bits));
}
