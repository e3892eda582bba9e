namespace Sfu.Media.Jitter;

/// <summary>How often and for how long a lost packet is asked for.</summary>
/// <param name="ReorderWait">How long a gap may be mere reordering before the first request.</param>
/// <param name="GiveUpAfter">Age at which a packet is given up.</param>
/// <param name="MaxRequests">Requests for one packet, 1 to 255.</param>
public readonly record struct NackLimits(TimeSpan ReorderWait, TimeSpan GiveUpAfter, byte MaxRequests)
{
    /// <summary>5 ms (senders pace in bursts of 5 ms, what is later is lost), 1 s, 10 requests (libwebrtc nack_requester.cc).</summary>
    public static NackLimits Default => new(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1), 10);
}
