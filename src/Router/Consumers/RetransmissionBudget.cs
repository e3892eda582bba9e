namespace Sfu.Router.Consumers;

/// <summary>Caps what one viewer can make us send again: a quarter of what it was forwarded, and a burst (docs/threats.md T14).</summary>
/// <remarks>Owned by one transport. A token bucket in bytes, filled by forwarding: twelve bytes of NACK may ask for 17 packets, so
/// without a cap a viewer could amplify its upload 5,000 times.</remarks>
internal sealed class RetransmissionBudget
{
    /// <summary>What may be sent again at once, in bytes: 64 full packets.</summary>
    internal const int Burst = 64 * 1200;

    private const int ForwardedPerResent = 4;

    private long _tokens = (long)Burst * ForwardedPerResent;

    /// <summary>Counts bytes that were forwarded.</summary>
    internal void OnForwarded(long bytes) => _tokens = Math.Min(_tokens + bytes, (long)Burst * ForwardedPerResent);

    /// <summary>Takes the bytes of one retransmission; false when there are not enough.</summary>
    internal bool TryTake(int bytes)
    {
        long needed = (long)bytes * ForwardedPerResent;
        if (needed > _tokens) return false;
        _tokens -= needed;
        return true;
    }
}
