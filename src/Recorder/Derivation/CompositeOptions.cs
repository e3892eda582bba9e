namespace Sfu.Recorder.Derivation;

/// <summary>Size and quality of a composite.</summary>
public sealed record CompositeOptions
{
    /// <summary>Width in pixels, even, 320 to 3,840; default 1,280.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Height in pixels, even, 180 to 2,160; default 720.</summary>
    public int Height { get; init; } = 720;

    /// <summary>Pictures per second, 5 to 60, one as far from the next as all others; default 60. What was captured is shown within half of the
    /// distance of two: 8.3 ms at 60.</summary>
    public int FramesPerSecond { get; init; } = 60;

    /// <summary>Preset of x264; default <c>veryfast</c>.</summary>
    public string Preset { get; init; } = "veryfast";

    /// <summary>File of the font for names; must have the scripts of the participants' names.</summary>
    public string FontFile { get; init; } = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";
}
