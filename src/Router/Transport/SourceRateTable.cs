using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Router.Transport;

/// <summary>How many checks each unknown address may make us authenticate per second: the only state a stranger leaves, of fixed size.</summary>
/// <remarks>Owned by one media worker. Addresses that share a place share its budget; the seed keeps an attacker from choosing whose.</remarks>
internal sealed class SourceRateTable(ulong seed)
{
    /// <summary>Checks per second and place: a call centre behind one address joins within this, a flood costs at most 6 ms of HMAC.</summary>
    internal const int PerSecond = 1000;

    private const int Places = 4096;

    private readonly (long Second, int Count)[] _places = new (long, int)[Places];

    /// <summary>Takes one check of the source's budget; false when it has none left in this second.</summary>
    internal bool TryTake(MediaTime now, in TransportAddress source)
    {
        ulong hash = ((source.High * 31) ^ source.Low ^ seed) * 0x9E3779B97F4A7C15;
        ref (long Second, int Count) place = ref _places[hash >> 52];
        long second = now.Nanoseconds / 1_000_000_000;
        if (place.Second != second) place = (second, 0);
        return ++place.Count <= PerSecond;
    }
}
