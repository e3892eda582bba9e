namespace Sfu.Media.Rtp;

/// <summary>What a track carries.</summary>
public enum MediaKind
{
    /// <summary>Sound.</summary>
    Audio = 0,

    /// <summary>Moving pictures.</summary>
    Video = 1,
}
