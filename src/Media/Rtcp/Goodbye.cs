namespace Sfu.Media.Rtcp;

/// <summary>BYE, read in place (RFC 3550 section 6.6). It is a hint: it ends no track by itself.</summary>
public readonly ref struct Goodbye
{
    private Goodbye(SsrcList sources, ReadOnlySpan<byte> reason)
    {
        Sources = sources;
        Reason = reason;
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.Goodbye"/>; a reason longer than the packet is malformed (as in CVE-2021-43804).</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out Goodbye goodbye)
    {
        goodbye = default;
        if (packet.Type != RtcpPacketType.Goodbye) return DropReason.Malformed;
        int reasonAt = packet.Count * 4;
        if (packet.Body.Length < reasonAt) return DropReason.Truncated;
        ReadOnlySpan<byte> reason = packet.Body[reasonAt..];
        if (!reason.IsEmpty)
        {
            if (1 + reason[0] > reason.Length) return DropReason.Malformed;
            reason = reason.Slice(1, reason[0]);
        }
        goodbye = new Goodbye(new SsrcList(packet.Body[..reasonAt]), reason);
        return DropReason.None;
    }

    /// <summary>Sources that end; 0 to 31.</summary>
    public SsrcList Sources { get; }

    /// <summary>Reason, UTF-8 that nobody checked; empty when there is none.</summary>
    public ReadOnlySpan<byte> Reason { get; }
}
