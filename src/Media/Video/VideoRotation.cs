namespace Sfu.Media.Video;

/// <summary>How far a picture is to be turned clockwise before it is shown (CVO, 3GPP TS 26.114 section 7.4.5).</summary>
public enum VideoRotation
{
    /// <summary>Upright.</summary>
    None = 0,

    /// <summary>By 90 degrees.</summary>
    Clockwise90,

    /// <summary>By 180 degrees.</summary>
    Clockwise180,

    /// <summary>By 270 degrees.</summary>
    Clockwise270,
}
