namespace Sfu.Verify;

/// <summary>A gap as the sealed manifest lists it.</summary>
internal sealed record GapLine(
    uint Track, string? Ssrc, string Cause, string FromUtc, string ToUtc, long Ms, uint? FirstSeq, uint? LastSeq, long Packets)
{
    private static readonly string[] Known =
        ["wire_loss", "sender_mute", "dtx", "paused", "consent_pending", "ice_disconnect", "recorder_fault", "redacted"];

    internal bool IsKnown => Known.Contains(Cause);

    /// <summary>Nothing was sent, or it was kept out on purpose.</summary>
    internal bool IsNoLoss => Cause is "sender_mute" or "dtx" or "paused" or "consent_pending";
}
