namespace Sfu.Router.Consumers;

/// <summary>Caps what one viewer can make us send again: a quarter of what it was forwarded, and a burst (docs/threats.md T14).</summary>
/// <remarks>Owned by one transport. A token bucket in bytes, filled by forwarding: twelve bytes of NACK may ask for 17 packets, so
/// without a cap a viewer could amplify its upload 5,000 times.</remarks>
internal sealed class RetransmissionBudget
{
    /// <summary>What may be sent again at once, in bytes: 64 full packets.</summary>
    internal const int Burst = 64 * 1200;

    /// <summary>Forwarded bytes that earn one byte to be sent again.</summary>
    internal const int ForwardedPerResent = 4;

    private long _tokens = (long)Burst * ForwardedPerResent;

    /// <summary>Counts bytes that were forwarded.</summary>
    internal void OnForwarded(long bytes) => _tokens = Math.Min(_tokens + bytes, (long)Burst * ForwardedPerResent);

    /// <summary>True when one retransmission could be taken at the usual price.</summary>
    internal bool Holds(int bytes) => (long)bytes * ForwardedPerResent <= _tokens;

    /// <summary>Takes the bytes of one retransmission; false when there are not enough.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="forwardedPerResent">What a byte of it costs; more than the usual while the worker sheds.</param>
    internal bool TryTake(int bytes, int forwardedPerResent = ForwardedPerResent)
    {
        long needed = (long)bytes * forwardedPerResent;
        if (needed > _tokens) return false;
        _tokens -= needed;
        return true;
    }
}
