using Sfu.Media.Rtp;

namespace Sfu.Media.Jitter;

/// <summary>Extends 16-bit sequence numbers to 64 bits: the value nearest to the highest one so far that ends in the same 16 bits.</summary>
/// <remarks>A mutable value: keep it in a field that is not readonly. Numbers before the first one of a stream may be negative.</remarks>
public struct SequenceUnwrapper
{
    private long _highest;
    private bool _started;

    /// <summary>True once a number was taken.</summary>
    public readonly bool Started => _started;

    /// <summary>Highest number so far; 0 before the first.</summary>
    public readonly long Highest => _highest;

    /// <summary>Takes the number of a packet that arrived.</summary>
    /// <returns>The first one as it is, then each within 32,768 of the highest one before it.</returns>
    public long Unwrap(SequenceNumber number)
    {
        if (!_started)
        {
            _started = true;
            return _highest = number.Value;
        }
        long value = Peek(number);
        if (value > _highest) _highest = value;
        return value;
    }

    /// <summary>Takes a number that was unwrapped elsewhere; what follows is nearest to the highest one.</summary>
    public void Take(long value)
    {
        if (!_started || value > _highest) _highest = value;
        _started = true;
    }

    /// <summary>What <see cref="Unwrap"/> would give, without taking it: for numbers that are only mentioned, in a NACK say.</summary>
    public readonly long Peek(SequenceNumber number) => _started ? _highest + (short)(number.Value - (ushort)_highest) : number.Value;
}
