namespace Sfu.Media.Rtcp;

/// <summary>Item types of a source description that matter here (RFC 3550 section 12.2); others are skipped.</summary>
public enum SdesItemType : byte
{
    /// <summary>End of a chunk's items; not an item.</summary>
    End = 0,

    /// <summary>Canonical name.</summary>
    Cname = 1,

    /// <summary>RtpStreamId (RFC 8852 section 4).</summary>
    Rid = 12,

    /// <summary>RepairedRtpStreamId (RFC 8852 section 4).</summary>
    RepairedRid = 13,

    /// <summary>MID (RFC 9143 section 15).</summary>
    Mid = 15,
}
