namespace Sfu.Router.Consumers;

/// <summary>Where the sequence numbers and time stamps of an outgoing stream begin: random to others, repeatable from a seed.</summary>
internal static class FirstNumbers
{
    /// <summary>A seed for one of many things made from one seed (SplitMix64).</summary>
    internal static ulong Derive(ulong seed, ulong number)
    {
        ulong z = seed + number * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>First packet index: below 2^15, so that early loss cannot make the viewer guess a wrong ROC (RFC 3711 section 3.3.1);
    /// not 0 or 1, so that nothing reordered before it is below zero.</summary>
    internal static ulong Sequence(ulong seed) => 2 + Derive(seed, 1) % (0x8000 - 2);

    /// <summary>First time stamp.</summary>
    internal static uint Timestamp(ulong seed) => (uint)Derive(seed, 2);
}
