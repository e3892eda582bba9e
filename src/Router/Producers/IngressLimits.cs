using Sfu.Media.Time;

namespace Sfu.Router.Producers;

/// <summary>What one participant may send (docs/threats.md T19, 9.4).</summary>
/// <param name="PerTrack">Of one track, all its encodings together; default 4,000 kbps.</param>
/// <param name="PerParticipant">Of all tracks together; default 8,000 kbps.</param>
public sealed record IngressLimits(Bitrate PerTrack, Bitrate PerParticipant)
{
    /// <summary>The documented defaults.</summary>
    public static IngressLimits Default { get; } = new(Bitrate.FromKilobits(4000), Bitrate.FromKilobits(8000));
}
