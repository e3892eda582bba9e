using Sfu.Media.Time;

namespace Sfu.Simulation.Network;

/// <summary>One direction between a client and the server: loses, delays, reorders, doubles and throttles, by its own random stream.</summary>
/// <remarks>Every datagram draws the same number of random values, whatever happens to it: changing one option changes nothing else.</remarks>
internal sealed class Link(LinkOptions options, Random random, Action<MediaTime, Action> schedule, Action<Datagram> deliver)
{
    private ILossModel? _loss = options.Loss?.Invoke();
    private MediaTime _lastArrival;
    private MediaTime _freeAt;

    /// <summary>What it does; may be changed while datagrams are under way.</summary>
    internal LinkOptions Options
    {
        get => options;
        set
        {
            options = value;
            _loss = value.Loss?.Invoke();
        }
    }

    /// <summary>Loses exactly the datagrams for which it is true; asked before anything else.</summary>
    internal Func<Datagram, bool>? Drops { get; set; }

    /// <summary>Datagrams lost.</summary>
    internal long Lost { get; private set; }

    /// <summary>Datagrams sent.</summary>
    internal long Sent { get; private set; }

    /// <summary>Sends a datagram.</summary>
    internal void Send(MediaTime now, Datagram datagram)
    {
        Sent++;
        bool isLost = _loss?.Loses(random) ?? false;
        double jitter = random.NextDouble(), second = random.NextDouble();
        bool isDoubled = random.NextDouble() < options.Duplicates;
        if (Drops?.Invoke(datagram) == true || isLost || !TryPass(now, datagram, out MediaTime passed))
        {
            Lost++;
            return;
        }

        Arrive(passed, jitter, datagram);
        if (isDoubled) Arrive(passed, second, datagram);
    }

    /// <summary>Waits before the narrowest hop, or is dropped there.</summary>
    private bool TryPass(MediaTime now, Datagram datagram, out MediaTime passed)
    {
        passed = now;
        if (options.Rate is not { } rate) return true;
        MediaTime start = MediaTime.Max(now, _freeAt);
        if (start - now > options.Queue) return false;
        passed = _freeAt = start + TimeSpan.FromSeconds(datagram.NominalLength * 8.0 / rate.BitsPerSecond);
        return true;
    }

    private void Arrive(MediaTime passed, double jitter, Datagram datagram)
    {
        MediaTime arrival = passed + options.Delay + options.Jitter * jitter;
        if (!options.Reorders) arrival = MediaTime.Max(arrival, _lastArrival);
        _lastArrival = MediaTime.Max(arrival, _lastArrival);
        schedule(arrival, () => deliver(datagram));
    }
}
