using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Router.Transport;

/// <summary>Remembers where the kernel refuses merged sends (UDP_SEGMENT): one receiver for 60 s, or the socket for good.</summary>
/// <remarks>Owned by one media worker. A refusal depends on the route (device, path MTU, tunnels), so it is learnt per receiver;
/// three in a row without a success between them say that the socket is at fault.</remarks>
internal sealed class SegmentationPolicy(bool isSupported)
{
    private const int MaxRefusedReceivers = 64;
    private const int RefusalsToGiveUp = 3;
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(60);

    private readonly TransportAddress[] _refused = new TransportAddress[MaxRefusedReceivers];
    private readonly MediaTime[] _until = new MediaTime[MaxRefusedReceivers];
    private int _count;
    private int _inARow;

    /// <summary>False when merged sends are off for the socket.</summary>
    internal bool IsEnabled { get; private set; } = isSupported;

    /// <summary>Merged sends that the kernel refused.</summary>
    internal long Refusals { get; private set; }

    /// <summary>True when packets for this receiver may be merged now.</summary>
    internal bool Allows(MediaTime now, in TransportAddress to)
    {
        if (!IsEnabled) return false;
        for (int i = 0; i < _count; i++)
        {
            if (_refused[i] != to) continue;
            if (now < _until[i]) return false;
            _count--;
            _refused[i] = _refused[_count];
            _until[i] = _until[_count];
            return true;
        }

        return true;
    }

    /// <summary>The kernel took a merged send.</summary>
    internal void OnAccepted() => _inARow = 0;

    /// <summary>The kernel refused a merged send.</summary>
    internal void OnRefused(MediaTime now, in TransportAddress to)
    {
        Refusals++;
        if (++_inARow >= RefusalsToGiveUp || _count == MaxRefusedReceivers)
        {
            IsEnabled = false;
            return;
        }

        _refused[_count] = to;
        _until[_count++] = now + BackOff;
    }
}
