namespace Sfu.Recorder;

/// <summary>What one SSRC of a track is.</summary>
/// <param name="Ssrc">The stream.</param>
/// <param name="Rid">Its simulcast encoding, or null.</param>
public sealed record TrackSsrc(uint Ssrc, string? Rid);
