namespace Sfu.Media.Srtp;

/// <summary>Sizes that SRTP and SRTCP add to a packet.</summary>
public static class SrtpLimits
{
    /// <summary>Most bytes that protection adds: a GCM tag and the SRTCP index, rounded up.</summary>
    public const int MaxOverhead = 32;

    /// <summary>SSRCs one receiver keeps a replay window for; state is made only after authentication, and the longest silent one makes
    /// room for a new one.</summary>
    public const int MaxSsrcs = 64;

    /// <summary>SSRCs without a window whose highest index is remembered; with as many, new ones are refused.</summary>
    public const int MaxRetiredSsrcs = 1024;

    /// <summary>Packets behind the newest one that are still taken (RFC 3711 section 3.3.2 asks for at least 64).</summary>
    public const int ReplayWindow = 1024;

    /// <summary>Length of the authentication tag: 10 for AES-CM with HMAC-SHA1-80, 16 for GCM.</summary>
    public static int TagLength(SrtpProfile profile) => profile == SrtpProfile.Aes128CmHmacSha1Tag80 ? 10 : 16;
}
