namespace Sfu.Media.Sdp;

/// <summary>Direction of an m-section or header extension, as the author of the description sees it (RFC 8866 section 6.7).</summary>
[Flags]
public enum SdpDirection
{
    /// <summary><c>inactive</c>.</summary>
    Inactive = 0,

    /// <summary><c>sendonly</c>.</summary>
    SendOnly = 1,

    /// <summary><c>recvonly</c>.</summary>
    RecvOnly = 2,

    /// <summary><c>sendrecv</c>.</summary>
    SendRecv = SendOnly | RecvOnly,
}
