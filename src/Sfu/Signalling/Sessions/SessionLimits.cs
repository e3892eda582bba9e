namespace Sfu.Signalling.Sessions;

/// <summary>What one participant may have, as clients are told; media sessions enforce it (SECURITY limits).</summary>
internal static class SessionLimits
{
    /// <summary>Most tracks published at once.</summary>
    public const int Tracks = 8;

    /// <summary>Most tracks received at once.</summary>
    public const int Subscriptions = 100;
}
