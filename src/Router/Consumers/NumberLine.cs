namespace Sfu.Router.Consumers;

/// <summary>Where the outgoing numbers of one source are: the part of a <see cref="NumberMap"/> that every packet needs.</summary>
/// <remarks>Owned by one consumer, in its <see cref="ConsumerLane"/>. Both sides are 64-bit values that never wrap.</remarks>
internal struct NumberLine
{
    /// <summary>Highest incoming number seen of this source; one below the first before that.</summary>
    internal long Highest;

    /// <summary>What is added to an incoming number from the newest change on.</summary>
    internal long Offset;

    /// <summary>Highest outgoing number given out or reserved; the starting value before the first.</summary>
    internal readonly long HighestOutgoing => Highest + Offset;

    /// <summary>The number that follows is this one or lies only a little behind it: no entry of the map changes.</summary>
    internal readonly bool Follows(long incoming) => (ulong)(incoming - Highest - 1) < NumberMap.MaxGap;

    /// <summary>Maps a number for which <see cref="Follows"/> is true.</summary>
    internal long Advance(long incoming)
    {
        Highest = incoming;
        return incoming + Offset;
    }
}
