namespace Sfu.Media.Jitter;

/// <summary>Whether a packet that a viewer asked for is sent again.</summary>
public enum ResendVerdict
{
    /// <summary>Send it again now.</summary>
    Resend,

    /// <summary>It was never sent, or so long ago that nothing is known of it.</summary>
    Unknown,

    /// <summary>It was sent again less than a round trip ago: the request crossed the answer.</summary>
    TooSoon,

    /// <summary>It was sent again often enough.</summary>
    TooOften,

    /// <summary>It waits to be sent again.</summary>
    Waiting,
}
