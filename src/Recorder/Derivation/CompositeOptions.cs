namespace Sfu.Recorder.Derivation;

/// <summary>Size and quality of a composite.</summary>
public sealed record CompositeOptions
{
    /// <summary>Width in pixels, even, 320 to 3,840; default 1,280.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Height in pixels, even, 180 to 2,160; default 720.</summary>
    public int Height { get; init; } = 720;

    /// <summary>Most pictures per second, on average, 5 to 60; default 30. Each is shown when it was captured, or within half of the distance of two.</summary>
    public int FramesPerSecond { get; init; } = 30;

    /// <summary>Preset of x264; default <c>veryfast</c>.</summary>
    public string Preset { get; init; } = "veryfast";

    /// <summary>File of the font for names; must have the scripts of the participants' names.</summary>
    public string FontFile { get; init; } = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";
}
