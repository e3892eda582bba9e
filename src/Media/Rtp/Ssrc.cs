namespace Sfu.Media.Rtp;

/// <summary>Synchronization source: names one RTP stream within a transport (RFC 3550 section 3).</summary>
public readonly record struct Ssrc(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
}
